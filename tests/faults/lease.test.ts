// Rows L7, L8, L9 and P12: workers that lose an asset without knowing it, because they are paused, because their clock or the
// clock of another is wrong, or because the database cannot be heard. Whoever has the higher token ends the asset.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, vi } from 'vitest';
import type { Ports } from '#main/ports.ts';
import { aCommand } from '../support/a-message.ts';
import { cloud } from '../support/cloud.ts';
import { gatedMedia } from '../support/gated-media.ts';
import { overriding } from '../support/overriding.ts';
import { type Process, Processes } from '../support/processes.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { TENANT, type TestWorker, type TestWorkerOptions } from '../support/stack.ts';
import { stackVariables } from '../support/stack-variables.ts';
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts';
import { faultWorld, SHORT } from './support/fault-world.ts';
import { jsonError } from './support/http-fault-proxy.ts';
import { notSteady } from './support/steady-state.ts';

const THROTTLED = jsonError(
  'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
);

const GATED_WORKER = 'tests/faults/support/gated-worker.ts';

interface Pause {
  readonly name: string;
  begin(worker: Process): void;
  end(worker: Process, unblock: string): Promise<void>;
  /** Whether its commit is what finds out: its renewals are throttled. */
  readonly byCommit?: true;
}

const stopped = {
  begin: (worker: Process) => worker.signal('SIGSTOP'),
  end: async (worker: Process) => worker.signal('SIGCONT'),
};

const PAUSES: readonly Pause[] = [
  {
    name: 'L7 whose event loop is blocked for longer than its lease',
    begin: (worker) => worker.signal('SIGUSR2'),
    end: (_, unblock) => writeFile(unblock, ''),
  },
  { name: 'L8 that is stopped while its lease is stolen', ...stopped },
  {
    name: 'L8 that is stopped, and can commit but not renew when it goes on',
    ...stopped,
    byCommit: true,
  },
];

describe.concurrent('a paused worker', () => {
  it.for(PAUSES.map((pause) => [pause.name, pause] as const))(
    '%s: it cannot end the asset, and leaves the message to the winner',
    async ([, pause], test) => {
      const world = await faultWorld(test);
      const { stack } = world;
      const processes = new Processes();
      test.onTestFinished(() => processes.end());
      const dynamodb = await world.proxyOf('dynamodb');
      const { id, event } = await world.uploadAndHold();
      await stack.send(event);
      const unblock = join(await processes.directory(), 'unblock');
      const loser = processes.run(process.execPath, [GATED_WORKER, unblock], {
        ...stackVariables(stack),
        AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
        WORKER_LEASE_SECONDS: String(SHORT.leaseSeconds),
      });
      await loser.untilSaid('asset claimed');
      pause.begin(loser);

      const gate = gatedMedia();
      await stack.startWorker({ ...SHORT, media: gate.through });
      await vi.waitUntil(() => gate.begun.length === 1, EVENTUALLY);
      // Else its job goes on only when it has heard: nothing but a renewal can find out.
      if (pause.byCommit) {
        const isNoCommit = (body: string) => !body.includes('"commit"');
        dynamodb.inject(
          ({ operation, body }) => operation === 'UpdateItem' && isNoCommit(body),
          THROTTLED,
        );
        // It hears of this when it goes on.
        loser.signal('SIGHUP');
      }
      await pause.end(loser, unblock);
      await loser.untilSaid('"code":"LEASE_LOST"');
      test.expect(loser.stderr).toContain('"kind":"drop"');
      // The winner is at it still, and so the message has to be there still.
      const { visible, inFlight } = await stack.depth();
      test.expect(visible + inFlight).toBe(1);

      gate.open();
      const row = await stack.untilDone(id, 'COMPLETED');
      test
        .expect(row.history.map(({ step }) => step))
        .toEqual(['init', 'claim', 'claim', 'commit']);
      test.expect(row).toMatchObject({ fencingToken: 2, attempts: 2 });
      const commits = dynamodb.exchanges.filter(({ body }) => body.includes('"commit"'));
      test.expect(commits.map(({ status }) => status)).toEqual(pause.byCommit ? [400] : []);
      test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
      test.expect(await stack.row(id)).toEqual(row);
    },
  );
});

const FIVE_MINUTES_MS = 5 * 60_000;

/** A worker whose clock is wrong by so much, and that waits as short as it can. */
const withClock = (byMs: number): TestWorkerOptions => ({
  ...SHORT,
  ports: (ports: Ports) => ({
    ...ports,
    clock: { now: () => ports.clock.now() + byMs },
    ids: overriding(ports.ids, { random: () => 0 }),
  }),
});

const settlements = ({ log }: TestWorker) =>
  log.lines.filter(({ message }) => message === 'message settled').map(({ fields }) => fields);

/** One worker with the asset in its hands, that receives no more; then a wish for the same, for another worker to find. */
async function heldAsset(test: Parameters<typeof faultWorld>[0], options: TestWorkerOptions) {
  const world = await faultWorld(test);
  const { stack } = world;
  const sqs = await world.proxyOf('sqs');
  const { hostname, port } = new URL(cloud().endpoints.dynamodb);
  const line: TcpProxy = await tcpProxy({ host: hostname, port: Number(port) });
  test.onTestFinished(line.close);
  const { id, event } = await world.uploadAndHold();
  await stack.send(event);
  const gate = gatedMedia();
  const endpoints = { sqs: sqs.url, dynamodb: `http://127.0.0.1:${line.port}` };
  const holder = await stack.startWorker({ ...options, endpoints, media: gate.through });
  await vi.waitUntil(() => gate.begun.length === 1, EVENTUALLY);
  await sqs.inject('ReceiveMessage', 'cut').untilMet(2);
  await stack.send(aCommand({ tenant: TENANT, assetId: id }));
  return { stack, id, gate, line, holder };
}

interface Theft {
  readonly name: string;
  readonly holderMs: number;
  readonly thiefMs: number;
  readonly isDeaf?: true;
}

const THEFTS: readonly Theft[] = [
  { name: 'L9 to one whose clock is 5 min ahead', holderMs: 0, thiefMs: FIVE_MINUTES_MS },
  { name: 'L9 from one whose clock is 5 min behind', holderMs: -FIVE_MINUTES_MS, thiefMs: 0 },
  { name: 'P12 from one whose database is a black hole', holderMs: 0, thiefMs: 0, isDeaf: true },
];

describe.concurrent('an asset that passes to another worker', () => {
  it.for(THEFTS.map((theft) => [theft.name, theft] as const))(
    '%s: work is wasted, and nothing is done twice',
    async ([, { holderMs, thiefMs, isDeaf }], test) => {
      const { stack, id, gate, line, holder } = await heldAsset(test, withClock(holderMs));
      if (isDeaf) line.breakDown({ kind: 'black hole' });
      await stack.startWorker(withClock(thiefMs));
      const row = await stack.untilDone(id, 'COMPLETED');
      test.expect(row).toMatchObject({ fencingToken: 2, attempts: 2 });
      line.recover();
      await vi.waitUntil(() => settlements(holder).length > 0, EVENTUALLY);
      test.expect(settlements(holder)).toMatchObject([{ kind: 'drop', code: 'LEASE_LOST' }]);
      test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
      test.expect(await stack.row(id)).toEqual(row);
      test.expect(gate.begun).toEqual([id]);
    },
  );

  it('L9 does not, where only the clock of the other is 5 min behind: it waits', async (test) => {
    const { stack, id, gate } = await heldAsset(test, withClock(0));
    const late = await stack.startWorker(withClock(-FIVE_MINUTES_MS));
    await vi.waitUntil(() => settlements(late).some(({ kind }) => kind === 'busy'), EVENTUALLY);
    gate.open();
    await stack.untilDone(id, 'COMPLETED');
    test.expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
    test.expect(await stack.row(id)).toMatchObject({ fencingToken: 1, attempts: 1 });
  });
});
