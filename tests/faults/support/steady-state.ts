import type { Asset, TerminalStatus } from '#domain/asset.ts';
import type { ReceivedEvent } from '../../support/queue-watch.ts';
import type { TestStack } from '../../support/stack.ts';

/** How an asset has to have ended, whatever happened on the way. */
export interface Ended {
  readonly id: string;
  readonly status: TerminalStatus;
  /** The one that ended last. */
  readonly generation?: number;
}

/**
 * What is not as it has to be after every fault, in words; nothing, where all is well. Waits until the work queue is empty,
 * so a worker has to be there still, and then ends the workers.
 *
 * I1 one ending per generation · I2 one event id · I3 no event without its ending · I4 the ending belongs to the highest
 * token · I5 no message left means that all is ended · I6 the event was delivered, or waits in its row · I7 no message and no
 * dead letter is left · I8 no lease is left.
 */
export async function notSteady(
  stack: TestStack,
  ...assets: readonly Ended[]
): Promise<readonly string[]> {
  await stack.untilEmpty();
  await stack.stopWorkers();
  const letters = await stack.takeDeadLetters();
  const found = letters.map(({ body }) => `I7: a dead letter is left: ${body}`);
  for (const ended of assets) {
    const row = await stack.row(ended.id);
    const events = row.event ? [] : await stack.eventsOf(ended.id);
    const wrong = Object.entries(invariants(ended, row, events)).filter(([, holds]) => !holds);
    found.push(...wrong.map(([name]) => `${name}: ${JSON.stringify({ ended, row, events })}`));
  }
  return found;
}

function invariants(
  { status, generation = 1 }: Ended,
  row: Asset,
  events: readonly ReceivedEvent[],
): Readonly<Record<string, boolean>> {
  const ofIt = row.history.filter((entry) => entry.generation === generation);
  const endings = ofIt.filter((entry) => entry.status === 'COMPLETED' || entry.status === 'FAILED');
  const told = events.map(({ event }) => event).filter((event) => event.generation === generation);
  // Each of these steps takes the token away from whoever has it.
  const tokens = row.history.filter(({ step }) => ['claim', 'release', 'fail'].includes(step));
  return {
    'I1 one ending': endings.length === 1,
    'I2 one event id': told.every(({ eventId }) => eventId === row.eventId),
    'I3 events tell of the ending': told.every((event) => event.status === row.status),
    'I4 nothing after the ending': ofIt.at(-1) === endings[0] && row.fencingToken === tokens.length,
    'I5 ended as expected': row.status === status && row.generation === generation,
    'I6 told, or to be told': row.event ? row.dueAt !== undefined : told.length > 0,
    'I8 no lease is left': row.leaseUntil === undefined && !(row.dueAt && !row.event),
  };
}
