import { defer, map, NEVER, type Observable, of, tap } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { expect } from 'vitest';
import type { Claimed } from '#app/commands/claim-asset.ts';
import type { Asset } from '#domain/asset.ts';
import type { ProcessCommand } from '#domain/command.ts';
import { assetName } from '#domain/keys.ts';
import { Bulkhead } from '#operators/bulkhead.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import type { Slot } from '#operators/merge-map-by-key.ts';
import type { HeldLock } from '#ports/lock.ts';
import type { QueueMessage } from '#ports/queue.ts';
import type { Lanes } from '#streams/lanes.ts';
import type { Outcome } from '#streams/outcome.ts';
import { type LockedJob, processJob } from '#streams/process.ts';
import type { Stages } from '#streams/stages.ts';
import { type WorkerOptions, worker } from '#streams/worker.ts';
import { aCommand, aMessage } from './a-message.ts';
import { aClaimedAsset, aCompletedAsset, aResult, KEY } from './an-asset.ts';

/** A lock that is held; locks are told apart by their names. */
export interface NamedLock extends HeldLock {
  readonly name: string;
}

export function aLock(name: string): NamedLock {
  return { name, extend: async () => true, release: async () => undefined };
}

/** The claim of a command, its object as it was declared. */
export function aClaim(overrides: Partial<Asset> = {}): Claimed {
  return {
    kind: 'claimed',
    asset: aClaimedAsset(overrides),
    head: { size: 1000, etag: '"etag-1"', contentType: 'video/mp4' },
  };
}

/** A slot that nobody else wants. */
export const SLOT: Slot = { stepAside: (ready$) => ready$, waiting: () => 0 };

const claimOf = ({ tenant, assetId, generation }: ProcessCommand): Claimed =>
  aClaim({ tenant, assetId, generation });

const lastOf = ({ assetId }: Pick<Asset, 'assetId'>): string => assetId.slice(-1);

/**
 * Stages at which nothing takes time and all goes well; a test says what is different. `calls` tells what was begun of
 * them, in order: assets go by the last letter of their id, messages by their id.
 */
export function fakeStages(overrides: Partial<Stages> = {}): {
  readonly stages: Stages;
  readonly calls: string[];
} {
  const happy: Stages = {
    poll: () => NEVER,
    inspect: () => of(false),
    lock: (job) => of(aLock(assetName(job.command))),
    unlock: () => of(undefined),
    claim: (job) => of(claimOf(job.command)),
    analyse: () => of(aResult()),
    beat: () => of(undefined),
    release: () => of(undefined),
    persist: (asset, ending) =>
      of(
        aCompletedAsset({
          tenant: asset.tenant,
          assetId: asset.assetId,
          status: 'result' in ending ? 'COMPLETED' : 'FAILED',
        }),
      ),
    publish: () => of(true),
    clear: () => of(undefined),
    tidy: () => of(undefined),
    remove: () => of(true),
    delay: () => of(true),
    bury: () => of(true),
    leave: () => of(true),
  };
  const given: Stages = { ...happy, ...overrides };
  const calls: string[] = [];
  const told = <T>(call: string, result: Observable<T>): Observable<T> =>
    defer(() => {
      calls.push(call);
      return result;
    });
  const stages: Stages = {
    poll: () => given.poll(),
    inspect: (foreign) => told(`inspect ${foreign.key}`, given.inspect(foreign)),
    lock: (job) => told(`lock ${lastOf(job.command)}`, given.lock(job)),
    unlock: (lock) => told(`unlock ${(lock as NamedLock).name.slice(-1)}`, given.unlock(lock)),
    claim: (job, takeOver) =>
      told(
        `${takeOver ? 'take over' : 'claim'} ${lastOf(job.command)}`,
        given.claim(job, takeOver),
      ),
    analyse: (claimed) => told(`analyse ${lastOf(claimed.asset)}`, given.analyse(claimed)),
    beat: (claimed, lock) => told(`beat ${lastOf(claimed.asset)}`, given.beat(claimed, lock)),
    release: (asset, reason) => {
      const { error, retryAfterSeconds, refund } = reason;
      const facts = `${error.code} after ${retryAfterSeconds} s${refund ? ', refunded' : ''}`;
      return told(`release ${lastOf(asset)} ${facts}`, given.release(asset, reason));
    },
    persist: (asset, ending) => {
      const what = 'result' in ending ? 'COMPLETED' : `FAILED ${ending.failure.code}`;
      return told(`persist ${lastOf(asset)} ${what}`, given.persist(asset, ending));
    },
    publish: (asset) => told(`publish ${lastOf(asset)}`, given.publish(asset)),
    clear: (asset) => told(`clear ${lastOf(asset)}`, given.clear(asset)),
    tidy: (asset) => told(`tidy ${lastOf(asset)}`, given.tidy(asset)),
    remove: (message) => told(`remove ${message.id}`, given.remove(message)),
    delay: (message, seconds) =>
      told(`delay ${message.id} ${seconds} s`, given.delay(message, seconds)),
    bury: (message, reason) =>
      told(`bury ${message.id} ${reason.code}`, given.bury(message, reason)),
    leave: (message) => told(`leave ${message.id}`, given.leave(message)),
  };
  return { stages, calls };
}

/** So many slots for whatever comes. */
export const slotsOf = (slots: number): Lanes => ({ heavyMax: () => 100, slots: () => slots });

/** Places for all heavy work there is. */
export const ENOUGH = new Bulkhead(() => 100);

/** Options under which nothing interferes: one asset at a time, no jitter, virtual time. */
export function workerOptions(overrides: Partial<WorkerOptions> = {}): WorkerOptions {
  return {
    lanes: slotsOf(1),
    ledger: new CreditLedger(100),
    draining: () => false,
    attemptsMax: () => 5,
    suspectsWaitingMax: () => 100,
    isHeavy: () => false,
    heartbeatMs: 10,
    jobDeadlineMs: 1000,
    messageHoldMsMax: 10_000,
    refundTokensMax: 100,
    outage: { isOut: () => false, back: () => NEVER },
    retry: { baseSeconds: 4, capSeconds: 60, leaseSeconds: 45, random: () => 0.5 },
    abort$: NEVER,
    ...overrides,
  };
}

/** The job of asset a, its lock held. */
export const aJob = (message = aMessage()): LockedJob => ({
  message,
  parts: 1,
  command: { kind: 'process', ...KEY, generation: 1 },
  lock: aLock(KEY.assetId),
});

/** The outcome of a job, and what was asked of the stages, where nothing takes time. */
export function outcomeOf(job: LockedJob, overrides: Partial<Stages>, options = workerOptions()) {
  const { stages, calls } = fakeStages(overrides);
  const outcomes: Outcome[] = [];
  processJob(stages, options, ENOUGH)(job, SLOT).subscribe((each) => outcomes.push(each));
  expect(outcomes).toHaveLength(1);
  return { outcome: outcomes[0], calls };
}

/** The key of the asset that goes by a letter from a to f. */
export const named = (letter: string) => ({ ...KEY, assetId: KEY.assetId.slice(0, -1) + letter });

/** A message that asks for one asset to be processed. */
export const asking = (id: string, letter: string): QueueMessage =>
  aMessage(aCommand(named(letter)), { id });

/** A worker over the messages of a marble; its settlements are told as `m1 done`. */
export function working(
  { cold }: RunHelpers,
  poll: string,
  messages: Readonly<Record<string, QueueMessage>>,
  {
    stages: overrides = {},
    ...options
  }: Partial<WorkerOptions> & { stages?: Partial<Stages> } = {},
) {
  const ledger = new CreditLedger(100);
  const takeCredit = (): void => ledger.settle(ledger.reserve(1), 1);
  const { stages, calls } = fakeStages({
    poll: () => cold(poll, messages).pipe(tap(takeCredit)),
    ...overrides,
  });
  const settled$ = worker(stages, workerOptions({ ledger, ...options })).pipe(
    map(({ message, outcome, settled }) => {
      return `${message.id} ${outcome.kind}${settled ? '' : ', not settled'}`;
    }),
  );
  return { settled$, calls, ledger };
}
