/*
 * The worker with its live stages over memory twins: nothing is stubbed but the strategy. What is proved is that the parts
 * fit: batches run, credit comes back, what is settled is gone from the queue, what is not comes again.
 */
import { lastValueFrom, merge, Subject, takeUntil, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { MemoryLock } from '#adapters/memory/memory-lock.ts';
import { MemoryQueue } from '#adapters/memory/memory-queue.ts';
import type { AssetKey } from '#domain/asset.ts';
import { sourceKey } from '#domain/keys.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import { fromAbortable } from '#operators/from-abortable.ts';
import { batched } from '#streams/batched.ts';
import { liveStages } from '#streams/live-stages.ts';
import type { Settlement } from '#streams/settle.ts';
import { visibilityKeeper } from '#streams/visibility-keeper.ts';
import { worker } from '#streams/worker.ts';
import { aCommand, anS3Record, etagOf } from '../support/a-message.ts';
import { anAsset, KEY } from '../support/an-asset.ts';
import { APP_LIMITS, appWorld, BYTES, COMMAND } from '../support/app-world.ts';
import { slotsOf, workerOptions } from '../support/fake-stages.ts';

const VISIBILITY_SECONDS = 1;
const BATCHING = { sizeMax: 10, lingerMs: 2, callsMax: 3, retryDelayMs: 1 };

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A running worker; it is stopped after the test, or before by `stop`, which tells every settlement. */
function running() {
  const world = appWorld();
  const queue = new MemoryQueue({ waitSeconds: 0.02, visibilitySeconds: VISIBILITY_SECONDS });
  const bus = new MemoryEventBus();
  const ledger = new CreditLedger(4);
  const stop$ = new Subject<void>();
  const ended$ = new Subject<void>();
  const removals = batched<Parameters<MemoryQueue['remove']>[0][number]>(
    (messages) => fromAbortable((signal) => queue.remove(messages, signal)),
    BATCHING,
  );
  const delays = batched<Parameters<MemoryQueue['changeVisibility']>[0][number]>(
    (changes) => fromAbortable((signal) => queue.changeVisibility(changes, signal)),
    BATCHING,
  );
  const publications = batched<Parameters<MemoryEventBus['publish']>[0][number]>(
    (events) => fromAbortable((signal) => bus.publish(events, signal)),
    BATCHING,
  );
  const keeper = visibilityKeeper((change) => delays.submit(change), {
    visibilitySeconds: VISIBILITY_SECONDS,
    everyMs: 100,
    now: () => performance.now(),
  });
  const stages = liveStages({
    app: world.worker,
    queue,
    objects: world.objects,
    lock: new MemoryLock(world.clock, { entriesMax: 100 }),
    ids: world.ids,
    ledger,
    prefetch: { received: () => undefined },
    keeper,
    removals,
    delays,
    publications,
    stop$,
    limits: {
      queueBatchMessagesMax: 10,
      pollHoldMs: 5,
      lockTtlMs: APP_LIMITS.leaseMs,
      stageCallsMax: 3,
      stageBackoffBaseMs: 1,
      stageBackoffCapMs: 2,
    },
  });
  const options = workerOptions({
    lanes: slotsOf(4),
    ledger,
    heartbeatMs: 5000,
    jobDeadlineMs: 10_000,
  });
  merge(keeper.run$, removals.run$, delays.run$, publications.run$)
    .pipe(takeUntil(ended$))
    .subscribe();
  const settlements = lastValueFrom(worker(stages, options).pipe(toArray()));
  const stop = async (): Promise<readonly Settlement[]> => {
    stop$.next();
    const all = await settlements;
    ended$.next();
    return all;
  };
  stops.push(stop);
  const send = (body: unknown) => queue.send({ body: JSON.stringify(body) });
  const drained = () =>
    vi.waitFor(() => expect([queue.size, ledger.held]).toEqual([0, 0]), { timeout: 8000 });
  return { world, queue, bus, ledger, send, drained, stop };
}

const upload = anAsset({ size: BYTES.length });

/** S3's event of the bytes that are there. */
const s3Event = (...keys: readonly AssetKey[]) => ({
  Records: keys.map((key) => anS3Record(sourceKey(key), { eTag: etagOf(BYTES) })),
});

describe('a live worker', () => {
  it('takes S3’s event to a completed asset, a published event and an empty queue', async () => {
    const { world, bus, send, drained, stop } = running();
    await world.given(upload);
    await send(s3Event(KEY));
    await drained();
    const row = await world.row();
    expect(row).toMatchObject({ status: 'COMPLETED', attempts: 1 });
    expect(row).not.toHaveProperty('event');
    expect(bus.published).toEqual([
      expect.objectContaining({ eventId: row.eventId, assetId: KEY.assetId, status: 'COMPLETED' }),
    ]);
    expect(await stop()).toEqual([
      expect.objectContaining({ outcome: { kind: 'done', why: 'COMPLETED' }, settled: true }),
    ]);
  });

  it('ends an asset once, though its message comes twice and names it twice', async () => {
    const { world, bus, send, drained } = running();
    await world.given(upload);
    await send(s3Event(KEY, KEY));
    await send(aCommand());
    await drained();
    expect(await world.row()).toMatchObject({ status: 'COMPLETED', attempts: 1, fencingToken: 1 });
    expect(bus.published).toHaveLength(1);
  }, 10_000);

  it('buries what makes no sense once, with the reason, and goes on', async () => {
    const { world, queue, send, drained } = running();
    await world.given(upload);
    await queue.send({ body: 'no JSON' });
    await world.objects.put('uploads/stray.mp4', BYTES, 'video/mp4');
    await send({ Records: [anS3Record('uploads/stray.mp4')] });
    await send({ Records: [anS3Record('uploads/nothing.mp4')] });
    await send(s3Event(KEY));
    await drained();
    const codes = queue.deadLetters.map(({ attributes }) => attributes?.['code']);
    expect(codes.toSorted()).toEqual(['MALFORMED_MESSAGE', 'UNKNOWN_OBJECT']);
    expect((await world.row()).status).toBe('COMPLETED');
  });

  it('takes no harm of a lost reply to claim or commit', async () => {
    const { world, send, drained } = running();
    await world.given(upload);
    const write = world.assets.write.bind(world.assets);
    const steps: string[] = [];
    world.assets.write = (key, change, signal) => {
      if (!steps.includes(change.step)) world.assets.loseNextReply();
      steps.push(change.step);
      return write(key, change, signal);
    };
    await send(s3Event(KEY));
    await drained();
    const twice = ['claim', 'commit', 'clearOutbox'].flatMap((step) => [step, step]);
    expect(steps).toEqual(twice);
    expect(await world.row()).toMatchObject({ status: 'COMPLETED', attempts: 1, rev: 4 });
  });

  it('lets a message go whose asset has passed to another, so that it comes again', async () => {
    const { world, send, drained } = running();
    await world.given(upload);
    const { finds } = world.strategy;
    world.strategy.finds = async () => {
      world.strategy.finds = finds;
      world.clock.advance(APP_LIMITS.leaseMs + 1);
      await world.claimed(COMMAND, 'another worker');
      world.clock.advance(APP_LIMITS.leaseMs + 1);
      return finds();
    };
    await send(s3Event(KEY));
    await drained();
    expect(await world.row()).toMatchObject({
      status: 'COMPLETED',
      attempts: 3,
      fencingToken: 3,
    });
  }, 10_000);
});
