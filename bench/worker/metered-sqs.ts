import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DeleteMessageBatchCommandOutput,
  type ReceiveMessageCommandOutput,
  SQS,
} from '@aws-sdk/client-sqs';
import { LIMITS } from '#config/limits.ts';
import type { Meter } from './meter.ts';
import { assetIdOf } from './task-mix.ts';
import { REGION, type Trial } from './trial.ts';

const REQUEST_TIMEOUT_MS = LIMITS.queueWaitSeconds * 1000 + LIMITS.awsReceiveSlackMs;

/** The client of every arm: the same settings, the same round trip on top of each call, the same books. */
export function meteredSqs(
  { endpoint, roundTripMs }: Pick<Trial, 'endpoint' | 'roundTripMs'>,
  meter: Meter,
): SQS {
  const agent = { keepAlive: true, maxSockets: LIMITS.awsSocketsMax };
  const sqs = new SQS({
    region: REGION,
    endpoint,
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    maxAttempts: 1,
    useQueueUrlAsEndpoint: false,
    // As the worker has it, see `adapters/aws/clients.ts`.
    md5: false,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, httpAgent: agent, httpsAgent: agent },
  });
  sqs.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        meter.called(commandName);
        try {
          await sleep(roundTripMs / 2);
          const result = await next(args);
          await sleep(roundTripMs / 2);
          note(meter, commandName, result.output);
          return result;
        } finally {
          meter.answered(commandName);
        }
      },
    { step: 'finalizeRequest', name: 'benchRoundTrip' },
  );
  return sqs;
}

function note(meter: Meter, command: string, output: object): void {
  if (command === 'ReceiveMessageCommand') {
    const { Messages = [] } = output as ReceiveMessageCommandOutput;
    for (const { Body = '', Attributes = {} } of Messages) {
      const { SentTimestamp = Date.now(), ApproximateReceiveCount = 1 } = Attributes;
      const waitedBeforeMs = Date.now() - Number(SentTimestamp);
      meter.received(assetIdOf(Body), waitedBeforeMs, Number(ApproximateReceiveCount));
    }
  }
  if (command === 'DeleteMessageCommand') meter.deletedSome(1);
  if (command === 'DeleteMessageBatchCommand') {
    const { Successful = [] } = output as DeleteMessageBatchCommandOutput;
    meter.deletedSome(Successful.length);
  }
}
