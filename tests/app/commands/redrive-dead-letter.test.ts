import { describe, expect, it, vi } from 'vitest';
import { MemoryDeadLetters } from '#adapters/memory/memory-dead-letters.ts';
import { redriveDeadLetter } from '#app/commands/redrive-dead-letter.ts';
import { retryAsset } from '#app/commands/retry-asset.ts';
import { ForgeError } from '#domain/errors.ts';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';
import type { OutgoingMessage } from '#ports/queue.ts';
import { anS3Event } from '../../support/a-message.ts';
import { aCompletedAsset, aFailure, anAsset, KEY } from '../../support/an-asset.ts';
import { appWorld } from '../../support/app-world.ts';
import { overriding } from '../../support/overriding.ts';

const OTHER_KEY = { ...KEY, assetId: '018f0000-0000-7000-8000-00000000000b' };
const BODY = JSON.stringify(anS3Event());
const ATTRIBUTES = { traceparent: '00-a-b-01' };

/** A row that has failed and told of it. */
const aFailedAsset = (over = {}) => {
  const { result: _, event: __, dueAt: ___, ...ended } = aCompletedAsset();
  return { ...ended, status: 'FAILED', failure: aFailure(), ...over } as const;
};

/** One dead letter about {@link KEY}, and a record of what is done, in order. */
async function world() {
  const app = appWorld();
  const done: string[] = [];
  const sent: OutgoingMessage[] = [];
  const queue = {
    send: async (message: OutgoingMessage) => {
      done.push('send');
      sent.push(message);
    },
  };
  const burial = { code: 'UNKNOWN_OBJECT', detail: 'none', sourceMessageId: 'm1' };
  const there: OutgoingMessage[] = [{ body: BODY, attributes: { ...ATTRIBUTES, ...burial } }];
  const twin = new MemoryDeadLetters(there, { visibilitySeconds: 600 });
  const letters = overriding<DeadLetters>(twin, {
    remove: async (some) => {
      done.push('remove');
      return twin.remove(some);
    },
  });
  const [letter] = await twin.receive();
  if (!letter) throw new Error('there is one');
  const limits = { sweepDeferMs: 60_000, cacheTtlMs: 2000 };
  const deps = {
    ...app,
    letters,
    queue,
    limits,
    retryAsset: retryAsset({ ...app, queue, limits }),
  };
  return { ...app, deps, letters, letter, there, done, sent, redrive: redriveDeadLetter(deps) };
}

const ALL = { assets: [KEY], isAll: true };

describe('redriving a dead letter', () => {
  it('opens a new generation of an asset that has failed, and does not send the old message', async () => {
    const { given, letter, redrive, row, sent, there, done, log } = await world();
    await given(aFailedAsset());
    expect(await redrive(letter, ALL)).toEqual({
      reopened: [{ ...KEY, generation: 2 }],
      sentBack: false,
      removed: true,
    });
    expect(await row()).toMatchObject({ status: 'PENDING', generation: 2, attempts: 0 });
    expect(sent.map(({ body }) => JSON.parse(body))).toEqual([
      { kind: 'process', ...KEY, generation: 2 },
    ]);
    expect(there).toEqual([]);
    expect(done).toEqual(['send', 'remove']);
    expect(log.lines.at(-1)).toMatchObject({ level: 'info', message: 'letter redriven' });
  });

  it.each([
    ['waits for its bytes', anAsset()],
    ['has completed', aCompletedAsset()],
    ['has failed and is deleted', aFailedAsset({ deletedAt: 1 })],
    ['is unknown', null],
  ])('sends the message as it was, then removes it, where the asset %s', async (_when, asset) => {
    const { given, letter, redrive, sent, there, done, assets } = await world();
    if (asset) await given(asset);
    expect(await redrive(letter, ALL)).toEqual({ reopened: [], sentBack: true, removed: true });
    expect(sent).toEqual([{ body: BODY, attributes: ATTRIBUTES }]);
    expect(there).toEqual([]);
    expect(done).toEqual(['send', 'remove']);
    expect(assets.calls.filter((call) => call !== 'get')).toEqual([]);
  });

  it('sends what is no wish of anybody: a worker may read it by now', async () => {
    const { letter, redrive, sent } = await world();
    expect(await redrive(letter, { assets: [], isAll: false })).toMatchObject({ sentBack: true });
    expect(sent).toEqual([{ body: BODY, attributes: ATTRIBUTES }]);
  });

  it.each([
    ['another that has not failed', { assets: [KEY, OTHER_KEY], isAll: true }],
    ['something that makes no sense', { assets: [KEY], isAll: false }],
  ])('does both where it asks for an asset that has failed and for %s', async (_what, wishes) => {
    const { given, letter, redrive, sent } = await world();
    await given(aFailedAsset());
    expect(await redrive(letter, wishes)).toEqual({
      reopened: [{ ...KEY, generation: 2 }],
      sentBack: true,
      removed: true,
    });
    expect(sent).toHaveLength(2);
    expect(sent.at(-1)).toEqual({ body: BODY, attributes: ATTRIBUTES });
  });

  it('opens one generation for two letters about one asset', async () => {
    const { given, letter, redrive, row } = await world();
    await given(aFailedAsset());
    const both = await Promise.all([redrive(letter, ALL), redrive(letter, ALL)]);
    expect(both.every(({ reopened, sentBack }) => sentBack || reopened.length === 1)).toBe(true);
    expect((await row()).generation).toBe(2);
  });

  it('sends the message where another has opened the generation meanwhile', async () => {
    const { given, letter, deps, sent, assets } = await world();
    await given(aFailedAsset());
    const faster = vi.fn(async () => {
      await deps.retryAsset(KEY);
      throw new ForgeError('NOT_RETRYABLE', 'conflict', 'is PENDING');
    });
    const redriven = await redriveDeadLetter({ ...deps, retryAsset: faster })(letter, ALL);
    expect(redriven).toMatchObject({ reopened: [], sentBack: true, removed: true });
    expect(sent.at(-1)?.body).toBe(BODY);
    expect((await assets.get(KEY))?.generation).toBe(2);
  });

  it('leaves the letter where the event of the failure is still to go out', async () => {
    const { given, letter, redrive, there, sent } = await world();
    const { event } = aCompletedAsset();
    await given(aFailedAsset({ event }));
    await expect(redrive(letter, ALL)).rejects.toMatchObject({ code: 'EVENT_PENDING' });
    expect(there).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  it('never removes what it could not send', async () => {
    const { letter, deps, there, done } = await world();
    const outage = new ForgeError('QUEUE_UNAVAILABLE', 'transient', 'no answer');
    const queue = { send: () => Promise.reject(outage) };
    await expect(redriveDeadLetter({ ...deps, queue })(letter, ALL)).rejects.toBe(outage);
    expect(there).toHaveLength(1);
    expect(done).toEqual([]);
  });

  it('leaves the letter where the store is down', async () => {
    const { letter, redrive, there, sent, assets } = await world();
    assets.failNext();
    await expect(redrive(letter, ALL)).rejects.toMatchObject({ kind: 'transient' });
    expect(there).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  it('says where the queue did not take the removal, and again does no harm', async () => {
    const { given, letter, deps, redrive, row } = await world();
    await given(aFailedAsset());
    const letters = { remove: async (some: readonly DeadLetter[]) => some.map(() => false) };
    const first = await redriveDeadLetter({ ...deps, letters })(letter, ALL);
    expect(first).toMatchObject({ reopened: [{ generation: 2 }], removed: false });
    expect(await redrive(letter, ALL)).toEqual({ reopened: [], sentBack: true, removed: true });
    expect((await row()).generation).toBe(2);
  });
});
