// The engine as the worker wires it, over a queue in memory and stub use cases: that the parts are connected at all.
import { ReplaySubject, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { MemoryQueue } from '#adapters/memory/memory-queue.ts';
import { SystemClock } from '#adapters/node/system-clock.ts';
import type { WorkerApp } from '#app/app.ts';
import { wireEngine } from '#main/wire-engine.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import { aCommand } from '../support/a-message.ts';
import { aClaimedAsset, aCompletedAsset, aResult, KEY } from '../support/an-asset.ts';
import { FakeIds } from '../support/fake-ids.ts';
import { aClaim } from '../support/fake-stages.ts';
import { RecordedLog } from '../support/recorded-log.ts';

const SLOTS = 4;
const MESSAGES = 60;

const assetIdOf = (n: number) => KEY.assetId.slice(0, -4) + n.toString(16).padStart(4, '0');

function start() {
  const queue = new MemoryQueue({ waitSeconds: 0.05, visibilitySeconds: 30 });
  const ledger = new CreditLedger(SLOTS);
  const looks: { readonly out: number; readonly limit: number; readonly working: number }[] = [];
  let working = 0;
  const commands: WorkerApp['commands'] = {
    claimAsset: async ({ assetId }) => {
      working += 1;
      looks.push({ out: ledger.held + ledger.reserved, limit: ledger.limit, working });
      return aClaim({ assetId });
    },
    analyseSource: () => new Promise((resolve) => setTimeout(() => resolve(aResult()), 20)),
    commitEnding: async ({ assetId }) => {
      working -= 1;
      const { event: _, ...published } = aCompletedAsset({ ...aClaimedAsset({ assetId }) });
      return { ...published, status: 'COMPLETED' };
    },
    renewLease: async () => undefined,
    releaseAsset: async () => undefined,
    clearEvent: async () => undefined,
  };
  const stop$ = new Subject<void>();
  const log = new RecordedLog();
  const ended = new Promise<void>((resolve, reject) => {
    wireEngine(
      {
        app: { commands },
        queue,
        ledger,
        lock: { acquire: async () => 'unavailable' },
        objects: { head: async () => aClaim().head },
        events: new MemoryEventBus(),
        clock: new SystemClock(),
        ids: new FakeIds(),
        log,
      },
      { slots: () => SLOTS, attemptsMax: 5 },
      { stop$, abort$: new ReplaySubject(1) },
    ).subscribe({ complete: resolve, error: reject });
  });
  return { queue, ledger, looks, stop$, ended, log };
}

describe('wireEngine', () => {
  it('prefetches while messages flow, within its bounds, hoards nothing when idle, and drains', async () => {
    const { queue, ledger, looks, stop$, ended, log } = start();
    for (let n = 0; n < MESSAGES; n += 1) {
      await queue.send({ body: JSON.stringify(aCommand({ ...KEY, assetId: assetIdOf(n) })) });
    }
    await vi.waitFor(() => expect(queue.size).toBe(0), { timeout: 15_000 });
    expect(looks).toHaveLength(MESSAGES);
    expect(Math.max(...looks.map(({ limit }) => limit))).toBe(2 * SLOTS);
    expect(Math.max(...looks.map(({ working }) => working))).toBe(SLOTS);
    expect(looks.filter(({ out, limit }) => out > limit)).toEqual([]);
    await vi.waitFor(() => expect(ledger.limit).toBe(SLOTS), { timeout: 15_000 });
    stop$.next();
    await ended;
    expect(ledger).toMatchObject({ held: 0, reserved: 0 });
    expect(log.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  }, 40_000);
});
