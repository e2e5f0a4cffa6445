// Rows Q4 and Q5: a message whose asset is done, and that the queue keeps all the same. It comes again, is recognised, and goes.
import { describe, it, vi } from 'vitest';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { faultWorld, SHORT } from './support/fault-world.ts';
import {
  type Answer,
  type HttpFault,
  jsonError,
  type SeenRequest,
} from './support/http-fault-proxy.ts';
import { notSteady } from './support/steady-state.ts';

/** What SQS says of a batch that it took whole. */
function taken({ body }: SeenRequest): Answer {
  const { Entries } = JSON.parse(body) as { readonly Entries: readonly { readonly Id: string }[] };
  const Successful = Entries.map(({ Id }) => ({ Id }));
  return {
    ...jsonError('', 200),
    body: JSON.stringify({ Successful, Failed: [] }),
  };
}

/** What SQS says of a batch that it took, but for its entries. */
function refused(request: SeenRequest): Answer {
  const { Successful } = JSON.parse(taken(request).body) as { readonly Successful: object[] };
  const Failed = Successful.map((one) => ({ ...one, SenderFault: false, Code: 'InternalError' }));
  return { ...taken(request), body: JSON.stringify({ Successful: [], Failed }) };
}

/** As many calls as one settlement makes. */
const CALLS = 3;

describe.concurrent('DeleteMessage', () => {
  it.for<readonly [string, HttpFault, number]>([
    ['Q4 with a stale receipt “succeeds”, and deletes nothing', taken, 1],
    ['Q5 answers 500 after full success', jsonError('InternalFailure', 500), CALLS],
    ['Q5 answers that it deleted none of its entries', refused, CALLS],
    ['Q5 gets no answer, and has not deleted', 'cut', CALLS],
    ['Q5 gets no answer, and has deleted', 'lost reply', CALLS],
  ])(
    '%s: the message goes in the end, and nothing happens twice',
    async ([, fault, calls], test) => {
      const world = await faultWorld(test);
      const { stack } = world;
      const sqs = await world.proxyOf('sqs');
      const deletes = sqs.inject('DeleteMessageBatch', fault, calls);
      const { id, event } = await world.uploadAndHold();
      await stack.send(event);
      const worker = await stack.startWorker({ ...SHORT, endpoints: { sqs: sqs.url } });
      await deletes.untilMet(calls);
      const before = await stack.untilDone(id, 'COMPLETED');
      await stack.untilEmpty();

      const deleted = () => sqs.exchanges.filter((one) => one.operation === 'DeleteMessageBatch');
      await vi.waitUntil(() => deleted().length > 0, EVENTUALLY);
      test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
      test.expect(await stack.row(id)).toEqual(before);
      test.expect(await stack.eventsOf(id)).toHaveLength(1);
      // What is told of it is a warning, where the worker can know.
      const settled = worker.log.lines.filter(({ message }) => message === 'message settled');
      test.expect(settled[0]?.fields).toMatchObject({ kind: 'done', settled: fault === taken });
      if (fault !== 'lost reply')
        test.expect(settled[1]?.fields).toMatchObject({ why: 'finished' });
    },
  );
});
