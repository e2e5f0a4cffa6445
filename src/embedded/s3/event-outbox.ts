import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Creation, createdEvent } from './created-event.ts';
import type { NotificationTarget } from './notification-configuration.ts';
import type { ObjectRecord } from './object-record.ts';

/** Where events go. */
export interface EventQueues {
  /** Returns when the message is on disk; false where there is no such queue. */
  send(queueArn: string, body: string): boolean;
}

interface JournalEntry {
  readonly bucket: string;
  readonly key: string;
  readonly blob: string;
  readonly messages: readonly { readonly queueArn: string; readonly body: string }[];
}

interface EventOutboxOptions {
  readonly directory: string;
  readonly region: string;
  readonly queues: EventQueues;
  /** Who wants to know of this. */
  readonly targets: (creation: Creation) => readonly NotificationTarget[];
  readonly log: (line: string) => void;
}

/**
 * Tells the queues of every object that is created, at least once, also when the process is killed midway: the event is
 * on disk before the object appears, and goes when it is in its queue.
 */
export class EventOutbox {
  readonly #options: EventOutboxOptions;

  constructor(options: EventOutboxOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
  }

  /** Writes the event down. The result, called once the object is there, sends it. */
  prepare(creation: Creation): () => void {
    const { bucket, key, record } = creation;
    const messages = this.#options.targets(creation).map(({ queueArn, configurationId }) => ({
      queueArn,
      body: createdEvent(creation, configurationId, this.#options.region),
    }));
    if (messages.length === 0) return () => {};
    const path = join(this.#options.directory, `${record.sequencer}-${randomUUID()}.json`);
    const entry: JournalEntry = { bucket, key, blob: record.blob, messages };
    writeFileSync(path, JSON.stringify(entry));
    return () => this.#deliver(path, entry);
  }

  /** Sends what a process that was killed had written down, where the object did appear. */
  recover(find: (name: { bucket: string; key: string }) => ObjectRecord | null): void {
    for (const name of readdirSync(this.#options.directory).sort()) {
      const path = join(this.#options.directory, name);
      const entry = parseEntry(readFileSync(path, 'utf8'));
      if (entry && find(entry)?.blob === entry.blob) this.#deliver(path, entry);
      else rmSync(path);
    }
  }

  #deliver(path: string, entry: JournalEntry): void {
    const { queues, log } = this.#options;
    try {
      for (const { queueArn, body } of entry.messages) {
        if (!queues.send(queueArn, body)) log(`s3: no queue ${queueArn}, its event is dropped`);
      }
      rmSync(path);
    } catch (error) {
      // The entry stays, and is sent at the next start.
      log(`s3: the event of ${entry.bucket}/${entry.key} waits for the next start: ${error}`);
    }
  }
}

/** Null for an entry that was being written when the process was killed: its object never appeared. */
function parseEntry(text: string): JournalEntry | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
