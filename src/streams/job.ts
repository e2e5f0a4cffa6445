import type { ProcessCommand } from '#domain/command.ts';
import type { QueueMessage } from '#ports/queue.ts';
import type { Outcome } from './outcome.ts';

/** One part of a message. S3 may put several records into one; `parts` says how many there are to wait for. */
export interface Part {
  readonly message: QueueMessage;
  readonly parts: number;
}

/** A part that asks for an asset to be processed. */
export interface Job extends Part {
  readonly command: ProcessCommand;
}

/** A part that tells of an object whose key is none of ours. */
export interface Foreign extends Part {
  readonly key: string;
}

/** A part whose outcome is known. */
export interface Done extends Part {
  readonly outcome: Outcome;
}

/** Whether the outcome is known. */
export function isDone(part: Part): part is Done {
  return 'outcome' in part;
}
