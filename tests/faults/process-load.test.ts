// Who goes first among the messages in hand, on the engine as it is wired, over a queue in memory: each piece of work ends
// when the test says so.
import { ReplaySubject, Subject } from 'rxjs';
import { describe, expect, it, type onTestFinished, vi } from 'vitest';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { MemoryQueue } from '#adapters/memory/memory-queue.ts';
import type { WorkerApp } from '#app/app.ts';
import { LIMITS } from '#config/limits.ts';
import { sourceKey } from '#domain/keys.ts';
import { wireEngine } from '#main/wire-engine.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import { anS3Record } from '../support/a-message.ts';
import { aCompletedAsset, aResult, KEY } from '../support/an-asset.ts';
import { FakeIds } from '../support/fake-ids.ts';
import { aClaim } from '../support/fake-stages.ts';
import { RecordedLog } from '../support/recorded-log.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';

const SLOTS = 8;

const EVENTUALLY = { timeout: 50_000, interval: 2 } as const;

/** `video 3 of acme`: what an upload is, a number, and whose it is. */
type Name = `${'video' | 'image'} ${number} of ${string}`;

/** The engine at work; what it works on is told by name. */
function engineOf(test: { readonly onTestFinished: typeof onTestFinished }) {
  const queue = new MemoryQueue({ waitSeconds: 0.05, visibilitySeconds: 30 });
  const names = new Map<string, Name>();
  const running = new Map<Name, () => void>();
  const begun: Name[] = [];
  const ended: Name[] = [];
  const nameOf = (assetId: string): Name => names.get(assetId) as Name;
  const commands: WorkerApp['commands'] = {
    claimAsset: async ({ tenant, assetId }) => {
      const contentType = nameOf(assetId).startsWith('video') ? 'video/mp4' : 'image/jpeg';
      return aClaim({ tenant, assetId, contentType });
    },
    analyseSource: async ({ asset: { assetId } }) => {
      begun.push(nameOf(assetId));
      await new Promise<void>((resolve) => running.set(nameOf(assetId), resolve));
      return aResult();
    },
    commitEnding: async ({ tenant, assetId }) => {
      ended.push(nameOf(assetId));
      const { event: _, ...published } = aCompletedAsset({ tenant, assetId });
      return published;
    },
    renewLease: async () => undefined,
    releaseAsset: async () => undefined,
    clearEvent: async () => undefined,
    removeStale: async () => 0,
  };
  let inHand = 0;
  const stop$ = new Subject<void>();
  const abort$ = new ReplaySubject<void>(1);
  const done = new Promise<void>((complete, error) => {
    const deps = {
      ...{ app: { commands }, queue, ledger: new CreditLedger(SLOTS), ids: new FakeIds() },
      lock: {
        acquire: async () => {
          inHand += 1;
          return 'unavailable' as const;
        },
      },
      objects: { head: async () => aClaim().head },
      circuits: { store: { admits: 'all' as const }, objects: { admits: 'all' as const } },
      events: new MemoryEventBus(),
      ...{ log: new RecordedLog(), metrics: new RecordedMetrics() },
    };
    const options = { slots: () => SLOTS, attemptsMax: () => 5, lease: LIMITS };
    wireEngine(deps, options, { stop$, abort$ }).subscribe({ complete, error });
  });
  test.onTestFinished(async () => {
    stop$.next();
    abort$.next();
    await done;
  });
  let count = 0;
  return {
    queue,
    /** How many uploads have been told of. */
    get inHand() {
      return inHand;
    },
    begun,
    ended,
    running: () => [...running.keys()],
    /** One message, however many uploads it tells of: they are in hand together. */
    send: (...uploads: readonly Name[]) => {
      const Records = uploads.map((name) => {
        count += 1;
        const assetId = KEY.assetId.slice(0, -4) + count.toString(16).padStart(4, '0');
        names.set(assetId, name);
        return anS3Record(sourceKey({ tenant: name.split(' ').at(-1) ?? '', assetId }));
      });
      return queue.send({ body: JSON.stringify({ Records }) });
    },
    finish: (name: Name) => {
      running.get(name)?.();
      running.delete(name);
    },
  };
}

const many = (what: 'video' | 'image', count: number, tenant: string): Name[] =>
  Array.from({ length: count }, (_, n): Name => `${what} ${n} of ${tenant}`);

describe('the messages in hand', () => {
  it('S13 are worked on so many at a time, and one that takes long holds up no other', async (test) => {
    const engine = engineOf(test);
    const slow: Name = 'image 0 of acme';
    const all = many('image', 100, 'acme');
    for (const name of all) await engine.send(name);
    let most = 0;
    for (let n = 1; n < all.length; n += 1) {
      await vi.waitUntil(() => engine.running().some((name) => name !== slow), EVENTUALLY);
      most = Math.max(most, engine.running().length);
      engine.finish(engine.running().find((name) => name !== slow) as Name);
    }
    expect(most).toBe(SLOTS);
    await vi.waitUntil(() => engine.ended.length === all.length - 1, EVENTUALLY);
    expect(engine.running()).toEqual([slow]);
    engine.finish(slow);
    await vi.waitUntil(() => engine.queue.size === 0, EVENTUALLY);
    expect(engine.ended.toSorted()).toEqual(all.toSorted());
  });

  it('S17 are not all videos where there are many: an image that comes after them is done before them', async (test) => {
    const engine = engineOf(test);
    await engine.send(...many('video', 20, 'acme'));
    await vi.waitUntil(() => engine.running().length === SLOTS, EVENTUALLY);
    await engine.send('image 0 of acme');
    await vi.waitUntil(() => engine.running().includes('image 0 of acme'), EVENTUALLY);
    expect(engine.running()).toHaveLength(SLOTS + 1);
    engine.finish('image 0 of acme');
    await vi.waitUntil(() => engine.ended.length > 0, EVENTUALLY);
    expect(engine.ended).toEqual(['image 0 of acme']);
  });

  it('S17 are not all images where there are many: a video among them has its turn', async (test) => {
    const engine = engineOf(test);
    await engine.send(
      ...many('image', 20, 'acme'),
      'video 0 of acme',
      ...many('image', 20, 'zenith'),
    );
    for (let ended = 1; !engine.ended.includes('video 0 of acme'); ended += 1) {
      await vi.waitUntil(() => engine.running().length > 0, EVENTUALLY);
      engine.finish(engine.running()[0] as Name);
      await vi.waitUntil(() => engine.ended.length === ended, EVENTUALLY);
    }
    expect(engine.ended.length).toBeLessThan(41);
  });

  it('S17 are shared by the tenants: who comes late and has few does not wait for one who has many', async (test) => {
    const engine = engineOf(test);
    await engine.send(...many('image', 30, 'acme'));
    await vi.waitUntil(() => engine.running().length === SLOTS, EVENTUALLY);
    await engine.send(...many('image', 3, 'zenith'));
    await vi.waitUntil(() => engine.inHand === 33, EVENTUALLY);
    for (let n = 0; n < 3; n += 1) {
      const before = engine.begun.length;
      engine.finish(engine.running().find((name) => name.endsWith('acme')) as Name);
      await vi.waitUntil(() => engine.begun.length > before, EVENTUALLY);
    }
    expect(engine.begun.slice(SLOTS)).toEqual(many('image', 3, 'zenith'));
  });
});
