import { describe, expect, it } from 'vitest';
import { MemoryObjectStore } from '#adapters/memory/memory-object-store.ts';
import { type DeriveFilesDeps, deriveFiles } from '#app/commands/derive-files.ts';
import type { Asset } from '#domain/asset.ts';
import { type ErrorKind, ForgeError } from '#domain/errors.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import type { LocalCopies } from '#ports/local-copies.ts';
import { anAsset, anImageMetadata, aVideoMetadata, KEY } from '../../support/an-asset.ts';
import { FileSource } from '../../support/file-source.ts';
import { overriding } from '../../support/overriding.ts';
import { RecordedLog } from '../../support/recorded-log.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';

const { signal } = new AbortController();

const aFile = (name: string, over: Partial<MadeFile> = {}): MadeFile => ({
  name,
  fileName: `${name}.txt`,
  contentType: 'text/plain',
  body: new TextEncoder().encode(name),
  ...over,
});

type Make = DerivativeMaker['make'];

/** A maker of videos' derivatives. */
const maker = (name: string, make: Make = async () => [aFile(name)]): DerivativeMaker => ({
  name,
  appliesTo: ({ kind }) => kind === 'video',
  make,
});

const failing = (name: string, error: unknown): DerivativeMaker =>
  maker(name, () => Promise.reject(error));

/** What makers work in: copies that are counted, and a store. */
function world(makers: readonly DerivativeMaker[], over: Partial<DeriveFilesDeps> = {}) {
  const objects = new MemoryObjectStore();
  const log = new RecordedLog();
  const metrics = new RecordedMetrics();
  const copies = { opened: 0, present: 0 };
  const local: LocalCopies = {
    open: async (_, __, its) => {
      copies.opened += 1;
      its.throwIfAborted();
      copies.present += 1;
      return {
        path: '/copies/1/a',
        directory: '/copies/1',
        remove: async () => {
          copies.present -= 1;
        },
      };
    },
  };
  const derive = deriveFiles({
    makers,
    copies: local,
    objects,
    log,
    metrics,
    attemptsMax: () => 5,
    limits: { derivativesAtOnce: 2 },
    ...over,
  });
  const source = new FileSource(new Uint8Array(10));
  const of = (asset: Partial<Asset> = {}, its = signal) =>
    derive(
      {
        asset: anAsset({ attempts: 1, fencingToken: 7, ...asset }),
        metadata: aVideoMetadata(),
        source,
      },
      its,
    );
  return { of, derive, objects, log, metrics, copies, source };
}

describe('deriving files', () => {
  it('stores what is made under the fencing token, and says so', async () => {
    const poster = aFile('poster', { value: 'a word' });
    const { of, objects, metrics } = world([maker('poster', async () => [poster])]);
    const key = `derived/${KEY.tenant}/${KEY.assetId}/7/poster.txt`;
    expect(await of()).toEqual([
      { name: 'poster', status: 'ready', key, contentType: 'text/plain', size: 6, value: 'a word' },
    ]);
    expect(await objects.head(key)).toMatchObject({ size: 6, contentType: 'text/plain' });
    expect(metrics.counts).toEqual({
      'sf_derivatives_total{name="poster",status="ready"}': 1,
    });
  });

  it('lists them by maker, however long each takes, and asks none that does not fit', async () => {
    const slow: Make = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return [aFile('a-1'), aFile('a-2')];
    };
    const forImages = { ...maker('images'), appliesTo: () => false };
    const { of } = world([maker('a', slow), forImages, maker('b')]);
    expect((await of()).map(({ name }) => name)).toEqual(['a-1', 'a-2', 'b']);
  });

  it('has a copy made for the first who asks, one for all, and removes it after the last', async () => {
    const seen: unknown[] = [];
    const using: Make = async ({ copy }) => {
      const [first, second] = await Promise.all([copy(), copy()]);
      seen.push(first, second);
      return [aFile('used')];
    };
    const { of, copies } = world([maker('a', using), maker('b', using), maker('c', using)]);
    await of();
    expect(new Set(seen)).toEqual(new Set([seen[0]]));
    expect(copies).toEqual({ opened: 1, present: 0 });
    const without = world([maker('a')]);
    await without.of();
    expect(without.copies.opened).toBe(0);
  });
});

describe('a derivative that fails', () => {
  const corrupt = new ForgeError('CORRUPT_MEDIA', 'permanent', 'no picture could be decoded');

  it('costs itself and nothing else', async () => {
    const { of, log, metrics } = world([maker('a'), failing('b', corrupt), maker('c')]);
    expect(await of()).toMatchObject([
      { name: 'a', status: 'ready' },
      { name: 'b', status: 'failed', reason: 'no picture could be decoded' },
      { name: 'c', status: 'ready' },
    ]);
    expect(log.messages).toEqual(['derivative not made']);
    expect(metrics.counts).toMatchObject({
      'sf_derivatives_total{name="b",status="failed"}': 1,
    });
  });

  it('is unavailable where the file is not to blame', async () => {
    const none = new ForgeError('PROBE_UNAVAILABLE', 'permanent', 'there is no ffmpeg to run');
    const large = new ForgeError('PROBE_BUDGET_EXCEEDED', 'permanent', 'too large to be copied');
    const { of } = world([failing('a', none), failing('b', large)]);
    expect(await of()).toEqual([
      { name: 'a', status: 'unavailable', reason: 'there is no ffmpeg to run' },
      { name: 'b', status: 'unavailable', reason: 'too large to be copied' },
    ]);
  });

  it('tells the client nothing that was not meant for it', async () => {
    const { of } = world([failing('a', new Error('/tmp/streamforge-x/secret'))]);
    expect(await of()).toEqual([{ name: 'a', status: 'failed', reason: 'an internal error' }]);
  });

  it('has failed where nothing came of it', async () => {
    const { of } = world([maker('a', async () => [])]);
    expect(await of()).toEqual([{ name: 'a', status: 'failed', reason: 'nothing was made' }]);
  });
});

describe('a store that is out of reach, or a machine that is out of room', () => {
  const full = new ForgeError('PROBE_UNAVAILABLE', 'transient', 'there is no room for a copy');
  const down = new ForgeError('OBJECT_STORE_UNAVAILABLE', 'transient', 'nobody answers');
  const denied = new ForgeError('ACCESS_DENIED', 'transient', 'no');

  it.each([down, denied, full])('is a reason for another attempt: %s', async (error) => {
    const objects = overriding(new MemoryObjectStore(), { put: () => Promise.reject(error) });
    await expect(world([maker('a')], { objects }).of()).rejects.toBe(error);
    await expect(world([failing('a', error)]).of({ attempts: 4 })).rejects.toBe(error);
  });

  it('costs each file where there is but one attempt', async () => {
    const puts: string[] = [];
    const objects = overriding(new MemoryObjectStore(), {
      put: async (key: string) => {
        puts.push(key);
        if (key.includes('first')) throw down;
      },
    });
    const both = maker('both', async () => [aFile('first'), aFile('second')]);
    const { of } = world([both], { objects, attemptsMax: () => 1 });
    expect(await of()).toMatchObject([
      { name: 'first', status: 'failed', reason: 'nobody answers' },
      { name: 'second', status: 'ready' },
    ]);
    expect(puts).toHaveLength(2);
  });

  it('costs what needs a copy where there is but one attempt', async () => {
    const copying = maker('copying', async ({ copy }) => [aFile((await copy()).path)]);
    const copies: LocalCopies = { open: () => Promise.reject(full) };
    const { of } = world([copying, maker('other')], { copies, attemptsMax: () => 1 });
    expect(await of()).toMatchObject([
      { name: 'copying', status: 'unavailable', reason: 'there is no room for a copy' },
      { name: 'other', status: 'ready' },
    ]);
  });

  it('loses no asset: the last of several attempts makes nothing', async () => {
    const { of, copies } = world([failing('a', down), maker('b')]);
    const reason = 'left out of the last attempt';
    expect(await of({ attempts: 5 })).toEqual([
      { name: 'a', status: 'failed', reason },
      { name: 'b', status: 'failed', reason },
    ]);
    expect(copies.opened).toBe(0);
  });
});

describe('what ends it all', () => {
  const kinds: readonly (readonly [string, ErrorKind])[] = [
    ['SOURCE_GONE', 'permanent'],
    ['SOURCE_CHANGED', 'permanent'],
    ['OBJECT_STORE_UNAVAILABLE', 'transient'],
  ];

  /** Works until it is told to stop. */
  const endless =
    (ended: string[], begun: () => void): Make =>
    async ({ copy }: DerivativeInput, its) => {
      await copy();
      begun();
      await new Promise<void>((resolve) => its.addEventListener('abort', () => resolve()));
      ended.push('endless');
      throw its.reason;
    };

  it.each(kinds)('ends the others first: %s', async (code, kind) => {
    const error = new ForgeError(code as ForgeError['code'], kind, 'of the source');
    const ended: string[] = [];
    const begun = Promise.withResolvers<void>();
    const broken = maker('broken', async () => {
      await begun.promise;
      throw error;
    });
    const { of, copies } = world([maker('a', endless(ended, begun.resolve)), broken, maker('c')]);
    await expect(of()).rejects.toBe(error);
    expect(ended).toEqual(['endless']);
    expect(copies).toEqual({ opened: 1, present: 0 });
  });

  it('is an abort, too: it rejects with its reason, and no copy is left', async () => {
    const ended: string[] = [];
    const begun = Promise.withResolvers<void>();
    const controller = new AbortController();
    const reason = new Error('lost the lease');
    const { of, copies } = world([maker('a', endless(ended, begun.resolve))]);
    const deriving = expect(of({}, controller.signal)).rejects.toBe(reason);
    await begun.promise;
    controller.abort(reason);
    await deriving;
    expect(ended).toEqual(['endless']);
    expect(copies).toEqual({ opened: 1, present: 0 });
    await expect(of({}, controller.signal)).rejects.toBe(reason);
  });
});

describe('a new derivative', () => {
  it('is one maker, and one line in a list', async () => {
    const initials: DerivativeMaker = {
      name: 'initials',
      appliesTo: ({ kind }) => kind === 'image',
      make: async ({ source }, its) => [
        aFile('initials', { body: await source.read(0, 2, its), contentType: 'text/plain' }),
      ],
    };
    const { derive, objects } = world([initials]);
    const source = new FileSource(new TextEncoder().encode('StreamForge'));
    const asset = anAsset({ attempts: 1, fencingToken: 1 });
    const made = await derive({ asset, metadata: anImageMetadata(), source }, signal);
    expect(made).toMatchObject([{ name: 'initials', status: 'ready', size: 2 }]);
    expect(await objects.head(made[0]?.key ?? '')).toMatchObject({ size: 2 });
  });
});
