// The engine as the worker wires it, over a queue in memory and stub use cases: that the parts are connected at all.
import { ReplaySubject, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { MemoryQueue } from '#adapters/memory/memory-queue.ts';
import type { WorkerApp } from '#app/app.ts';
import { LIMITS } from '#config/limits.ts';
import { wireEngine } from '#main/wire-engine.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import type { Admits } from '#ports/circuit.ts';
import { aCommand } from '../support/a-message.ts';
import { aClaimedAsset, aCompletedAsset, aResult, KEY } from '../support/an-asset.ts';
import { FakeIds } from '../support/fake-ids.ts';
import { aClaim } from '../support/fake-stages.ts';
import { RecordedLog } from '../support/recorded-log.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';

const SLOTS = 4;
const MESSAGES = 60;
const EVENTUALLY = { timeout: 15_000 };

const assetIdOf = (n: number) => KEY.assetId.slice(0, -4) + n.toString(16).padStart(4, '0');

function start() {
  const queue = new MemoryQueue({ waitSeconds: 0.05, visibilitySeconds: 30 });
  const ledger = new CreditLedger(SLOTS);
  const looks: { readonly out: number; readonly limit: number; readonly working: number }[] = [];
  const circuits: Record<'store' | 'objects', { admits: Admits }> = {
    store: { admits: 'all' },
    objects: { admits: 'all' },
  };
  let working = 0;
  const commands: WorkerApp['commands'] = {
    claimAsset: async ({ assetId }) => {
      working += 1;
      looks.push({ out: ledger.held + ledger.reserved, limit: ledger.limit, working });
      // Heavy work would leave its slot while it waits for its place.
      return aClaim({ assetId, contentType: 'image/png' });
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
    removeStale: async () => 0,
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
        circuits,
        events: new MemoryEventBus(),
        ids: new FakeIds(),
        log,
        metrics: new RecordedMetrics(),
      },
      { slots: () => SLOTS, attemptsMax: () => 5, lease: LIMITS },
      { stop$, abort$: new ReplaySubject(1) },
    ).subscribe({ complete: resolve, error: reject });
  });
  return { queue, ledger, looks, circuits, stop$, ended, log };
}

describe('wireEngine', () => {
  it('prefetches while messages flow, within its bounds, hoards nothing when idle, and drains', async () => {
    const { queue, ledger, looks, stop$, ended, log } = start();
    for (let n = 0; n < MESSAGES; n += 1) {
      await queue.send({ body: JSON.stringify(aCommand({ ...KEY, assetId: assetIdOf(n) })) });
    }
    await vi.waitFor(() => expect(queue.size).toBe(0), EVENTUALLY);
    expect(looks).toHaveLength(MESSAGES);
    expect(Math.max(...looks.map(({ limit }) => limit))).toBe(2 * SLOTS);
    expect(Math.max(...looks.map(({ working }) => working))).toBe(SLOTS);
    expect(looks.filter(({ out, limit }) => out > limit)).toEqual([]);
    await vi.waitFor(() => expect(ledger.limit).toBe(SLOTS), EVENTUALLY);
    stop$.next();
    await ended;
    expect(ledger).toMatchObject({ held: 0, reserved: 0 });
    expect(log.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  }, 40_000);

  it.each(['store', 'objects'] as const)(
    'takes nothing while the circuit of %s is open, one message at a time for the trial, and then all',
    async (name) => {
      const { queue, ledger, looks, circuits, stop$, ended } = start();
      circuits[name].admits = 'none';
      await vi.waitFor(() => expect(ledger).toMatchObject({ limit: 0, reserved: 0 }), EVENTUALLY);
      for (let n = 0; n < MESSAGES; n += 1) {
        await queue.send({ body: JSON.stringify(aCommand({ ...KEY, assetId: assetIdOf(n) })) });
      }
      expect([looks.length, ledger.limit]).toEqual([0, 0]);
      circuits[name].admits = 'one';
      await vi.waitFor(() => expect(looks.length).toBeGreaterThan(2), EVENTUALLY);
      expect(Math.max(...looks.map(({ out, limit }) => Math.max(out, limit)))).toBe(1);
      circuits[name].admits = 'all';
      await vi.waitFor(() => expect(queue.size).toBe(0), EVENTUALLY);
      expect(Math.max(...looks.map(({ working }) => working))).toBe(SLOTS);
      stop$.next();
      await ended;
    },
    40_000,
  );
});
