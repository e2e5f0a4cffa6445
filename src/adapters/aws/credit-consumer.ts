import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ReceiveMessageCommand,
  type ReceiveMessageCommandOutput,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { Consumer, type ConsumerOptions } from 'sqs-consumer';
import { toForgeError } from '#domain/errors.ts';
import type { Log } from '#ports/log.ts';
import type { Demand } from '#ports/queue.ts';
import type { PollGate } from './poll-gate.ts';
import { toQueueMessage } from './sqs-message.ts';

/** What one of the consumers of a queue shares with the others. */
export interface CreditConsumer {
  readonly sqs: SQSClient;
  readonly options: Pick<ConsumerOptions, 'queueUrl' | 'waitTimeSeconds' | 'visibilityTimeout'>;
  readonly receive: (command: ReceiveMessageCommand) => Promise<ReceiveMessageCommandOutput>;
  readonly gate: PollGate;
  readonly demand: Demand;
  readonly log: Log | undefined;
  readonly signal: AbortSignal;
}

/** What sqs-consumer takes for a receive that brought nothing. */
const NOTHING: ReceiveMessageCommandOutput = { $metadata: {} };

/**
 * Runs one sqs-consumer as a source that is driven by demand, until the signal aborts or the demand ends.
 *
 * sqs-consumer sizes a receive before it can be told how much there is room for. So its client is ours: `send` waits for
 * room, sets the size, hands over what came, and waits after a failure. The consumer itself handles and deletes nothing,
 * and never sees an error, to which it would answer with the next poll at once.
 *
 * A Consumer is never started twice: a poll that is still open would go on beside the new one.
 */
export function creditConsumer(shared: CreditConsumer): Promise<void> {
  const { sqs, options, log } = shared;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const send = async (command: unknown) => {
    assert(
      command instanceof ReceiveMessageCommand,
      'a consumer that handles nothing only receives',
    );
    const received = await poll(shared, command);
    if (received) return received;
    // Nothing of it is open, and it does not begin anew. Its promise ends here, too.
    consumer.stop();
    end();
    return NOTHING;
  };
  const client: SQSClient = Object.assign(Object.create(sqs), { send });
  const consumer = Consumer.create({
    ...options,
    sqs: client,
    messageAttributeNames: ['All'],
    messageSystemAttributeNames: ['All'],
    handleMessageBatch: async () => [],
  });
  // Without a listener an error would end the process.
  consumer.on('error', (error) => log?.error({ error: error.message }, 'sqs-consumer failed'));
  consumer.start();
  return ended;
}

/** One receive, as soon as there is room for it; null where there will be none any more. */
async function poll(
  shared: CreditConsumer,
  command: ReceiveMessageCommand,
): Promise<ReceiveMessageCommandOutput | null> {
  const { gate, demand, signal } = shared;
  while (await gate.turn()) {
    try {
      const asked = await askUnlessAborted(demand, signal);
      if (asked === null) return null;
      if (gate.open()) return await receive(shared, command, asked);
      // Meanwhile the queue ran empty, and another consumer waits for what comes.
      demand.deliver([], asked);
    } finally {
      gate.leave();
    }
  }
  return null;
}

async function receive(
  { receive: call, gate, demand, log, signal }: CreditConsumer,
  command: ReceiveMessageCommand,
  asked: number,
): Promise<ReceiveMessageCommandOutput> {
  const failuresBefore = gate.failures;
  let output = NOTHING;
  let delayMs = 0;
  try {
    command.input.MaxNumberOfMessages = asked;
    output = await call(command);
    if (gate.failures > 0) log?.info({ failures: gate.failures }, 'the queue answers again');
    gate.received(output.Messages?.length ?? 0, asked);
  } catch (error) {
    const { code, message } = toForgeError(error);
    // Said once, by whoever finds out first.
    if (gate.failures === 0) log?.warn({ code, detail: message }, 'the queue does not answer');
    delayMs = gate.failed(failuresBefore);
  }
  demand.deliver((output.Messages ?? []).map(toQueueMessage), asked);
  // The wait is part of the receive: nobody else polls meanwhile.
  if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => {});
  gate.close();
  return output;
}

/** How many messages are asked for; null where the signal aborts, or the demand ends, before it says. */
function askUnlessAborted(demand: Demand, signal: AbortSignal): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const leave = () => resolve(null);
  signal.addEventListener('abort', leave, { once: true });
  demand.ask().then(
    (asked) => {
      // Every ask is followed by one deliver, also one that is answered after the end.
      if (signal.aborted) demand.deliver([], asked);
      resolve(signal.aborted ? null : asked);
    },
    () => resolve(null),
  );
  return promise.finally(() => signal.removeEventListener('abort', leave));
}
