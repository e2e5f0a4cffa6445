// A worker is killed at one point of a job's life, and the next one finishes it: once, and told once. Both are processes.
// All points are tried at once, each on resources of its own, because most of the time is waiting for the dead one's polls,
// which the cloud still brings messages to.
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { derivedPrefix } from '#domain/keys.ts';
import { mediaBytes } from '../support/file-source.ts';
import { Processes } from '../support/processes.ts';
import { openStack, TENANT, type TestStack } from '../support/stack.ts';
import { stackVariables } from '../support/stack-variables.ts';

const PATIENCE_MS = 150_000;
const EVENTUALLY = { timeout: PATIENCE_MS, interval: 200 };

/** Short, so that nobody waits long for what the dead one held. */
const LEASE = { WORKER_LEASE_SECONDS: '3', LOG_LEVEL: 'warn' };

const STAGES = ['lock', 'claim', 'analyse', 'derivative', 'commit', 'publish', 'clear', 'ack'];
const POINTS = STAGES.flatMap((stage) => [`before-${stage}`, `after-${stage}`]);

const processes = new Processes();
const stacks: TestStack[] = [];
let isOver = false;
const photo = mediaBytes('portrait.jpg');

/** Points at which derivatives may be there, and no commit. */
const HALF_MADE = ['after-derivative', 'after-analyse', 'before-commit'];

/** From there on an event waits, and may be published by several, under one id. */
const COMMITTED = POINTS.indexOf('after-commit');

interface Crashed {
  readonly stack: TestStack;
  readonly id: string;
  /** Keys of what the dead one had made. */
  readonly left: readonly string[];
}

/** One upload, a worker that dies of it there, and another that is left with it. */
async function crashAt(point: string): Promise<Crashed> {
  const stack = await openStack({ derives: true });
  stacks.push(stack);
  const env = { ...stackVariables(stack), ...LEASE };
  // S3's test event would be the first to be acked.
  await vi.waitUntil(async () => (await stack.takeMessages()).length > 0, EVENTUALLY);
  const { id } = await stack.upload('portrait.jpg', 'image/jpeg', photo);
  if (isOver) throw new Error('the tests are over');
  const first = processes.main('worker', [], { ...env, CRASH_AT: point });
  await first.exitCode();
  expect(first.endedBy, `${point}: ${first.stderr}`).toBe('SIGKILL');
  const left = await derivedOf(stack, id);
  if (isOver) throw new Error('the tests are over');
  processes.main('worker', [], env);
  return { stack, id, left };
}

async function derivedOf({ clients, names }: TestStack, id: string): Promise<readonly string[]> {
  const Prefix = derivedPrefix({ tenant: TENANT, assetId: id });
  const command = new ListObjectsV2Command({ Bucket: names.bucket, Prefix });
  const { Contents = [] } = await clients.s3.send(command);
  return Contents.map(({ Key = '' }) => Key);
}

let crashes: ReadonlyMap<string, Crashed>;
const begun: Promise<readonly [string, Crashed]>[] = [];
beforeAll(async () => {
  begun.push(...POINTS.map(async (point) => [point, await crashAt(point)] as const));
  crashes = new Map(await Promise.all(begun));
}, PATIENCE_MS);
afterAll(async () => {
  // Also where the tests ended early: nobody may start another worker behind our back.
  isOver = true;
  await processes.end();
  await Promise.allSettled(begun);
  await Promise.all(stacks.map((stack) => stack.close()));
});

describe('a worker that is killed', () => {
  it.each(POINTS)(
    '%s leaves everything to the next one',
    async (point) => {
      const { stack, id, left } = crashes.get(point) as Crashed;
      const row = await vi.waitFor(async () => {
        const found = await stack.row(id);
        expect(found).toMatchObject({ status: 'COMPLETED' });
        expect(found.event).toBeUndefined();
        return found;
      }, EVENTUALLY);
      expect(row.history.filter(({ step }) => step === 'commit')).toHaveLength(1);
      const events = await stack.eventsOf(id);
      expect(new Set(events.map(({ event }) => event.eventId)).size).toBe(1);
      expect(events[0]?.event).toMatchObject({ assetId: id, status: 'COMPLETED' });
      if (POINTS.indexOf(point) < COMMITTED) expect(events).toHaveLength(1);
      await stack.untilEmpty();
      expect(await stack.takeDeadLetters()).toEqual([]);
      // What the dead one made is gone, and what the row names is there, under the token of who made it.
      const named = row.result?.derivatives.map(({ key = '' }) => key) ?? [];
      expect(named.length).toBeGreaterThan(0);
      const under = `${derivedPrefix({ tenant: TENANT, assetId: id })}${row.fencingToken}/`;
      expect(named.filter((key) => !key.startsWith(under))).toEqual([]);
      if (HALF_MADE.includes(point)) {
        expect(left.length).toBeGreaterThan(0);
        expect(row.fencingToken).toBeGreaterThan(1);
        expect(left.filter((key) => key.startsWith(under))).toEqual([]);
      }
      await vi.waitFor(
        async () => expect(await derivedOf(stack, id)).toEqual(named.toSorted()),
        EVENTUALLY,
      );
    },
    PATIENCE_MS,
  );
});
