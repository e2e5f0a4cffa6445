// Bytes that come slowly, or not to their end: time is all that it costs, and no file is judged by what it is not.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { cloud } from '../support/cloud.ts';
import { mediaBytes, mediaFile } from '../support/file-source.ts';
import { overriding } from '../support/overriding.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { keyOf, type TestStack } from '../support/stack.ts';
import { type BodyFault, bodyProxy } from './support/body-proxy.ts';
import { faultWorld, SHORT } from './support/fault-world.ts';
import { notSteady } from './support/steady-state.ts';

async function worldOf(test: Parameters<typeof faultWorld>[0]) {
  const { stack } = await faultWorld(test);
  const proxy = await bodyProxy(cloud().endpoints.s3);
  test.onTestFinished(proxy.close);
  return { proxy, stack };
}

const photo = (stack: TestStack) =>
  stack.upload('portrait.jpg', 'image/jpeg', mediaBytes('portrait.jpg'));
const video = (stack: TestStack) => stack.upload('clip.mp4', 'video/mp4', mediaBytes('clip.mp4'));

describe('a download', () => {
  it('S11 that takes longer than the lease: it is renewed, and the first attempt ends well', async (test) => {
    const { proxy, stack } = await worldOf(test);
    // Over four seconds for the photo, and a lease of three.
    proxy.breakBodies(() => ({ kind: 'slow', bytesPerSecond: 4000 }));
    const { id } = await photo(stack);
    const worker = () => stack.startWorker({ endpoints: { s3: proxy.url }, ...SHORT });
    await Promise.all([worker(), worker()]);
    const row = await stack.untilDone(id, 'COMPLETED');
    expect(row).toMatchObject({ attempts: 1, fencingToken: 1 });
    expect(await notSteady(stack, { id, status: 'COMPLETED' })).toEqual([]);
  });

  it('S12 that is cut off, reset or too short: is tried again, and never taken for the file', async (test) => {
    const { proxy, stack } = await worldOf(test);
    const uploads: readonly [typeof photo, BodyFault][] = [
      [photo, { kind: 'closed', afterBytes: 6000 }],
      [photo, { kind: 'reset', afterBytes: 6000 }],
      [photo, { kind: 'short', afterBytes: 6000 }],
      [video, { kind: 'closed', afterBytes: 2000 }],
      [video, { kind: 'short', afterBytes: 2000 }],
    ];
    const faults = new Map<string, BodyFault>();
    const ids: string[] = [];
    // Before anybody works, so that none is read as long as it is whole.
    for (const [upload, fault] of uploads) {
      const initiated = await upload(stack);
      ids.push(initiated.id);
      faults.set(keyOf(initiated), fault);
    }
    proxy.breakBodies((path) => {
      return [...faults].find(([key]) => decodeURIComponent(path).includes(key))?.[1] ?? null;
    });
    await stack.startWorker({ endpoints: { s3: proxy.url } });
    for (const id of ids) {
      await vi.waitFor(async () => {
        const given = (await stack.row(id)).history.find(
          ({ step }) => step !== 'init' && step !== 'claim',
        );
        expect(given).toMatchObject({ step: 'release', code: 'OBJECT_STORE_UNAVAILABLE' });
      }, EVENTUALLY);
    }
    proxy.breakBodies(() => null);
    for (const id of ids) await stack.untilDone(id, 'COMPLETED');
    const ended = ids.map((id) => ({ id, status: 'COMPLETED' as const }));
    expect(await notSteady(stack, ...ended)).toEqual([]);
  });
});

describe('a probe', () => {
  it('S11 whose bytes take longer than reading may: nobody’s time is over for that, nor for standing in line', async (test) => {
    const wallMs = 200;
    const heapBytesMax = 128 * 1024 * 1024;
    const probe = new ThreadedProbe({ threadsMax: 1, heapBytesMax, wallMs });
    test.onTestFinished(() => probe.close());
    const slow = (): MediaSource => {
      const source = mediaFile('clip.mp4');
      return overriding<MediaSource>(source, {
        read: async (...range) => {
          // Longer than anybody would be waited for who did nothing.
          await sleep(wallMs * 7);
          return source.read(...range);
        },
      });
    };
    const { signal } = new AbortController();
    const reports = await Promise.all([1, 2].map(() => probe.probe(slow(), 'mp4', signal)));
    expect(reports.map(({ container }) => container)).toEqual(['mp4', 'mp4']);
  });
});
