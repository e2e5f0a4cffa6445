import { NEVER } from 'rxjs';
import { SystemClock } from '#adapters/node/system-clock.ts';
import { SystemIds } from '#adapters/node/system-ids.ts';
import { MemoryEventBus } from '#adapters/memory/memory-event-bus.ts';
import { wireEngine } from '#main/wire-engine.ts';
import { CreditLedger } from '#operators/credit-ledger.ts';
import { aClaimedAsset, aCompletedAsset, aResult } from '../tests/support/an-asset.ts';
import { bodyOf } from './worker/task-mix.ts';
import { Session } from 'node:inspector/promises'; import { writeFileSync } from 'node:fs';
const N = 60000;
let sent = 0, done = 0;
const quiet = () => undefined;
const tick = () => new Promise((r) => setImmediate(r));
const head = { size: 1000, etag: '"etag-1"', contentType: 'video/mp4' };
const asset = aClaimedAsset(); const { event: _, ...published } = aCompletedAsset(); const result = aResult();
const queue = {
  consume: async (demand, signal) => { const one = async () => { for (;;) { const n = await demand.ask(); await tick(); const ms = Array.from({ length: n }, () => ({ id: String(sent), body: bodyOf(sent++), receipt: 'r', receiveCount: 1, attributes: {} })); demand.deliver(ms, n); if (sent > N) return; } }; await Promise.all(Array.from({ length: 16 }, one)); },
  remove: async (m) => { await tick(); done += m.length; return m.map(() => true); },
  changeVisibility: async (m) => m.map(() => true), send: async () => {}, deadLetter: async () => {},
};
const app = { commands: { claimAsset: async () => { await tick(); return { kind: 'claimed', asset, head }; }, analyseSource: async () => { await tick(); return result; }, commitEnding: async () => { await tick(); return published; }, renewLease: async () => {}, releaseAsset: async () => {}, clearEvent: async () => {} } };
const s = new Session(); s.connect(); await s.post('Profiler.enable');
const C = 256;
const deps = { app, queue, ledger: new CreditLedger(C), lock: { acquire: async () => ({ extend: async () => true, release: async () => {} }) }, objects: { head: async () => head }, events: new MemoryEventBus(), clock: new SystemClock(), ids: new SystemIds(), log: { debug: quiet, info: quiet, warn: console.warn, error: console.error } };
wireEngine(deps, { slots: () => C, attemptsMax: 5 }, { stop$: NEVER, abort$: NEVER }).subscribe({ error: console.error });
while (done < 20000) await tick();
const c = process.cpuUsage(); const d0 = done;
if (process.argv[2]) await s.post('Profiler.start');
while (done < N) await tick();
const u = process.cpuUsage(c);
console.log('µs/msg', ((u.user + u.system) / (done - d0)).toFixed(1));
if (process.argv[2]) { const { profile } = await s.post('Profiler.stop'); writeFileSync('/tmp/prof/micro.cpuprofile', JSON.stringify(profile)); }
process.exit();
