/*
 * Where promises become observables: what each stage calls, how often, and what it aborts. The use cases and ports behind
 * are stubs; time is real, and no wait is longer than it takes.
 */
import { firstValueFrom, lastValueFrom, NEVER, of, Subject, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { WorkerApp } from '#app/app.ts';
import { ForgeError } from '#domain/errors.ts';
import type { AssetEvent } from '#domain/events.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import type { Acquired } from '#ports/lock.ts';
import type { Demand, Queue, QueueMessage, VisibilityChange } from '#ports/queue.ts';
import type { Batched } from '#streams/batched.ts';
import type { Job } from '#streams/job.ts';
import { type LiveStagesDeps, liveStages } from '#streams/live-stages.ts';
import { aMessage } from '../support/a-message.ts';
import { aCompletedAsset, aResult, KEY } from '../support/an-asset.ts';
import { FakeIds } from '../support/fake-ids.ts';
import { aClaim, aLock } from '../support/fake-stages.ts';

const message = aMessage();
const job: Job = { message, parts: 1, command: { kind: 'process', ...KEY, generation: 1 } };
const claimed = aClaim();
const committed = aCompletedAsset();
const down = new ForgeError('STORE_UNAVAILABLE', 'transient', 'no answer');
const denied = new ForgeError('ACCESS_DENIED', 'permanent', 'no');
const lost = new ForgeError('LEASE_LOST', 'conflict', 'another has it');
const reason = { error: down, retryAfterSeconds: 2, refund: false };

/** A batched door that is told on, and answers at once. */
function door<T>(told: unknown[], taken = true): Batched<T> {
  return {
    submit: (entry) => {
      told.push(entry);
      return of(taken);
    },
    run$: NEVER,
  };
}

function setUp(overrides: Partial<LiveStagesDeps> = {}, taken = true) {
  const commands = {
    claimAsset: vi.fn<WorkerApp['commands']['claimAsset']>(async () => claimed),
    renewLease: vi.fn<WorkerApp['commands']['renewLease']>(async () => undefined),
    analyseSource: vi.fn<WorkerApp['commands']['analyseSource']>(async () => aResult()),
    releaseAsset: vi.fn<WorkerApp['commands']['releaseAsset']>(async () => undefined),
    commitEnding: vi.fn<WorkerApp['commands']['commitEnding']>(async () => committed),
    clearEvent: vi.fn<WorkerApp['commands']['clearEvent']>(async () => undefined),
    removeStale: vi.fn<WorkerApp['commands']['removeStale']>(async () => 0),
  };
  const queue = {
    consume: vi.fn<Queue['consume']>(async () => undefined),
    remove: vi.fn<Queue['remove']>(),
    changeVisibility: vi.fn<Queue['changeVisibility']>(),
    send: vi.fn<Queue['send']>(),
    deadLetter: vi.fn<Queue['deadLetter']>(async () => undefined),
  };
  const head = vi.fn<LiveStagesDeps['objects']['head']>(async () => claimed.head);
  const acquire = vi.fn<(name: string, ttlMs: number) => Promise<Acquired>>(async () => 'held');
  const keeper = { keep: vi.fn(), letGo: vi.fn(), run$: NEVER };
  const removals: QueueMessage[] = [];
  const delays: VisibilityChange[] = [];
  const publications: AssetEvent[] = [];
  const stages = liveStages({
    app: { commands },
    queue,
    objects: { head },
    lock: { acquire },
    ids: new FakeIds(),
    ledger: new CreditLedger(4),
    prefetch: { received: vi.fn() },
    keeper,
    removals: door(removals, taken),
    delays: door(delays, taken),
    publications: door(publications, taken),
    stop$: NEVER,
    limits: {
      queueBatchMessagesMax: 10,
      pollHoldMs: 0,
      lockTtlMs: 45_000,
      stageCallsMax: 3,
      stageBackoffBaseMs: 0,
      stageBackoffCapMs: 0,
    },
    ...overrides,
  } as LiveStagesDeps);
  return { stages, commands, queue, head, acquire, keeper, removals, delays, publications };
}

describe('poll', () => {
  it('receives no more than there is room for, and keeps what came hidden', async () => {
    const asked: number[] = [];
    const two = aMessage({}, { id: 'm2' });
    const consume = async (demand: Demand): Promise<void> => {
      const room = await demand.ask();
      asked.push(room);
      demand.deliver([message, two], room);
    };
    const { stages, queue, keeper } = setUp();
    queue.consume.mockImplementation(consume);
    expect(await lastValueFrom(stages.poll().pipe(toArray()))).toEqual([message, two]);
    expect(asked).toEqual([4]);
    expect(keeper.keep.mock.calls).toEqual([[message], [two]]);
  });

  it('asks for no more than a batch holds', async () => {
    const { stages, queue } = setUp({ ledger: new CreditLedger(64) });
    let room = 0;
    queue.consume.mockImplementation(async (demand) => {
      room = await demand.ask();
      demand.deliver([], room);
    });
    await lastValueFrom(stages.poll(), { defaultValue: null });
    expect(room).toBe(10);
  });

  it('stops when it is told to, and completes when the queue has', async () => {
    const stop$ = new Subject<void>();
    const { stages, queue } = setUp({ stop$ });
    queue.consume.mockImplementation(
      (_demand, signal) => new Promise((resolve) => (signal.onabort = () => resolve())),
    );
    const end = lastValueFrom(stages.poll(), { defaultValue: 'nothing came' });
    stop$.next();
    expect(await end).toBe('nothing came');
  });
});

describe('inspect', () => {
  it('says whether there is an object', async () => {
    const { stages, head } = setUp();
    const foreign = { message, parts: 1, key: 'uploads/readme.txt' };
    expect(await firstValueFrom(stages.inspect(foreign))).toBe(true);
    head.mockResolvedValue(null);
    expect(await firstValueFrom(stages.inspect(foreign))).toBe(false);
    expect(head).toHaveBeenCalledWith('uploads/readme.txt', expect.any(AbortSignal));
  });
});

describe('lock and unlock', () => {
  it('lock the asset by its name, for as long as a lock lives', async () => {
    const { stages, acquire } = setUp();
    expect(await firstValueFrom(stages.lock(job))).toBe('held');
    expect(acquire.mock.calls).toEqual([[`acme/${KEY.assetId}`, 45_000]]);
  });

  it('let the lock go', async () => {
    const release = vi.fn(async () => undefined);
    await firstValueFrom(setUp().stages.unlock({ ...aLock('a'), release }));
    expect(release).toHaveBeenCalledOnce();
  });
});

describe('claim', () => {
  it('has one claim id for all its calls, so that a lost reply is recognised', async () => {
    const { stages, commands } = setUp();
    commands.claimAsset.mockRejectedValueOnce(down).mockRejectedValueOnce(down);
    expect(await firstValueFrom(stages.claim(job, false))).toBe(claimed);
    const ids = commands.claimAsset.mock.calls.map(([command, options]) => [command, options]);
    expect(ids).toHaveLength(3);
    expect(ids).toEqual(new Array(3).fill([job.command, ids[0]?.[1]]));
  });

  it('has a new claim id for each claim', async () => {
    const { stages, commands } = setUp();
    const claim$ = stages.claim(job, false);
    await firstValueFrom(claim$);
    await firstValueFrom(claim$);
    expect(new Set(commands.claimAsset.mock.calls.map(([, { claimId }]) => claimId)).size).toBe(2);
  });
});

describe('what is tried again', () => {
  const calls = [
    ['claim', 'claimAsset'],
    ['release', 'releaseAsset'],
    ['persist', 'commitEnding'],
    ['beat', 'renewLease'],
    ['clear', 'clearEvent'],
  ] as const;

  const begin = (
    stages: ReturnType<typeof setUp>['stages'],
    stage: (typeof calls)[number][0],
  ): Promise<unknown> => {
    switch (stage) {
      case 'claim':
        return firstValueFrom(stages.claim(job, false));
      case 'release':
        return firstValueFrom(stages.release(claimed.asset, reason));
      case 'persist':
        return firstValueFrom(stages.persist(claimed.asset, { result: aResult() }));
      case 'beat':
        return firstValueFrom(stages.beat(claimed, null));
      case 'clear':
        return firstValueFrom(stages.clear(committed));
      default:
        return stage satisfies never;
    }
  };

  it.each(calls)('%s is called three times where its error may pass', async (stage, command) => {
    const { stages, commands } = setUp();
    commands[command].mockRejectedValue(down);
    await expect(begin(stages, stage)).rejects.toBe(down);
    expect(commands[command]).toHaveBeenCalledTimes(3);
  });

  it.each(calls)('%s is called once where it does not', async (stage, command) => {
    for (const final of [denied, lost]) {
      const { stages, commands } = setUp();
      commands[command].mockRejectedValue(final);
      await expect(begin(stages, stage)).rejects.toBe(final);
      expect(commands[command]).toHaveBeenCalledOnce();
    }
  });

  it('bury and inspect are, too', async () => {
    const { stages, queue, head } = setUp();
    queue.deadLetter.mockRejectedValue(down);
    head.mockRejectedValue(down);
    const why = { code: 'UNKNOWN_OBJECT', detail: 'x' };
    await expect(firstValueFrom(stages.bury(message, why))).rejects.toBe(down);
    const foreign = { message, parts: 1, key: 'x' };
    await expect(firstValueFrom(stages.inspect(foreign))).rejects.toBe(down);
    expect(queue.deadLetter).toHaveBeenCalledTimes(3);
    expect(head).toHaveBeenCalledTimes(3);
  });
});

describe('analyse', () => {
  it('is never repeated within a claim: its attempt is', async () => {
    const { stages, commands } = setUp();
    commands.analyseSource.mockRejectedValue(down);
    await expect(firstValueFrom(stages.analyse(claimed))).rejects.toBe(down);
    expect(commands.analyseSource).toHaveBeenCalledOnce();
  });

  it('is aborted when it is left', () => {
    const { stages, commands } = setUp();
    commands.analyseSource.mockReturnValue(new Promise(() => undefined));
    stages.analyse(claimed).subscribe().unsubscribe();
    expect(commands.analyseSource.mock.calls[0]?.[1].aborted).toBe(true);
  });
});

describe('beat', () => {
  it('renews the lease and then the lock', async () => {
    const { stages, commands } = setUp();
    const extend = vi.fn(async () => true);
    await firstValueFrom(stages.beat(claimed, { ...aLock('a'), extend }));
    expect(commands.renewLease).toHaveBeenCalledWith(claimed.asset, expect.any(AbortSignal));
    expect(extend.mock.calls).toEqual([[45_000]]);
  });

  it('takes no harm of a lost lock, which protects nothing', async () => {
    const lock = { ...aLock('a'), extend: async () => false };
    await expect(firstValueFrom(setUp().stages.beat(claimed, lock))).resolves.toBe(false);
  });

  it('leaves the lock alone where the lease is lost', async () => {
    const { stages, commands } = setUp();
    commands.renewLease.mockRejectedValue(lost);
    const extend = vi.fn(async () => true);
    const beat = firstValueFrom(stages.beat(claimed, { ...aLock('a'), extend }));
    await expect(beat).rejects.toBe(lost);
    expect(extend).not.toHaveBeenCalled();
  });
});

describe('publish', () => {
  it('sends the event that waits in the row, and says whether the bus took it', async () => {
    const { stages, publications } = setUp();
    expect(await firstValueFrom(stages.publish(committed))).toBe(true);
    expect(publications).toEqual([
      expect.objectContaining({ eventId: 'event-1', assetId: KEY.assetId, schemaVersion: 1 }),
    ]);
    expect(await firstValueFrom(setUp({}, false).stages.publish(committed))).toBe(false);
  });

  it('has nothing to do where nothing waits', async () => {
    const { stages, publications } = setUp();
    const { event: _, ...told } = committed;
    expect(await firstValueFrom(stages.publish(told))).toBe(true);
    expect(publications).toEqual([]);
  });
});

describe('tidy', () => {
  it('is not tried again: what is left over harms nobody', async () => {
    const { stages, commands } = setUp();
    commands.removeStale.mockRejectedValue(down);
    await expect(firstValueFrom(stages.tidy(committed))).rejects.toBe(down);
    expect(commands.removeStale).toHaveBeenCalledOnce();
  });
});

describe('take over', () => {
  it('is told to the claim', async () => {
    const { stages, commands } = setUp();
    await firstValueFrom(stages.claim(job, true));
    expect(commands.claimAsset.mock.calls[0]?.[1].takeOver).toBe(true);
  });
});

describe('a message at its end', () => {
  it('is kept hidden until its removal is confirmed', () => {
    const answer = new Subject<boolean>();
    const removals: Batched<QueueMessage> = { submit: () => answer, run$: NEVER };
    const { stages, keeper } = setUp({ removals });
    stages.remove(message).subscribe();
    expect(keeper.letGo).not.toHaveBeenCalled();
    answer.next(true);
    answer.complete();
    expect(keeper.letGo.mock.calls).toEqual([[message]]);
  });

  it('is not renewed any more when it is delayed, lest the renewal come last', async () => {
    const { stages, keeper, delays } = setUp();
    keeper.letGo.mockImplementation(() => expect(delays).toEqual([]));
    expect(await firstValueFrom(stages.delay(message, 7))).toBe(true);
    expect(keeper.letGo).toHaveBeenCalledExactlyOnceWith(message);
    expect(delays).toEqual([{ message, seconds: 7 }]);
  });

  it('is buried with its reason, and kept until it is removed', async () => {
    const { stages, queue, keeper } = setUp();
    const why = { code: 'UNKNOWN_OBJECT', detail: 'x' };
    expect(await firstValueFrom(stages.bury(message, why))).toBe(true);
    expect(queue.deadLetter).toHaveBeenCalledWith(message, why, expect.any(AbortSignal));
    expect(keeper.letGo).not.toHaveBeenCalled();
  });

  it('is let go where it is left to another', async () => {
    const { stages, keeper } = setUp();
    await firstValueFrom(stages.leave(message));
    expect(keeper.letGo.mock.calls).toEqual([[message]]);
  });
});
