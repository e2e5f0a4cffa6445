import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asset } from '#domain/asset.ts';
import type { StatusCache } from '#ports/status-cache.ts';
import { aCompletedAsset, anAsset } from '../support/an-asset.ts';

/** A cache, seen by two processes. */
export interface OpenedStatusCache {
  readonly cache: StatusCache;
  /** The same copies. */
  readonly other: StatusCache;
  /** Lets time pass: for real, or on a clock. */
  elapse(ms: number): Promise<void>;
  close?(): Promise<void>;
}

const LONG_MS = 60_000;
const SHORT_MS = 300;

/** Proves the prose of the `StatusCache` port on whatever `open` opens. */
export function statusCacheContract(name: string, open: () => Promise<OpenedStatusCache>): void {
  describe(`${name} keeps the StatusCache contract`, () => {
    let opened: OpenedStatusCache;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close?.());

    const fresh = (over: Partial<Asset> = {}): Asset => anAsset({ assetId: randomUUID(), ...over });

    it('answers null for what nobody put', async () => {
      expect(await opened.cache.get(fresh())).toBeNull();
    });

    it('gives back exactly what was put, to everybody', async () => {
      const asset = aCompletedAsset({
        assetId: randomUUID(),
        fileName: 'Ferien – "Tag 1": 🏖\n.mp4',
        size: null,
        clientMetadata: { title: '', rev: '7:x' },
      });
      await opened.cache.put(asset, LONG_MS);
      expect(await opened.cache.get(asset)).toEqual(asset);
      expect(await opened.other.get(asset)).toEqual(asset);
    });

    it('gives back a copy', async () => {
      const asset = fresh();
      await opened.cache.put(asset, LONG_MS);
      expect(await opened.cache.get(asset)).not.toBe(asset);
    });

    it('keeps tenants apart under the same id', async () => {
      const asset = fresh({ tenant: 'acme' });
      await opened.cache.put(asset, LONG_MS);
      expect(await opened.cache.get({ ...asset, tenant: 'globex' })).toBeNull();
    });

    it('replaces a copy by one that is as new or newer', async () => {
      const asset = fresh({ rev: 9 });
      await opened.cache.put(asset, LONG_MS);
      await opened.other.put({ ...asset, fileName: 'same rev' }, LONG_MS);
      expect(await opened.cache.get(asset)).toMatchObject({ rev: 9, fileName: 'same rev' });
      await opened.other.put({ ...asset, rev: 10 }, LONG_MS);
      expect(await opened.cache.get(asset)).toMatchObject({ rev: 10, fileName: asset.fileName });
    });

    it('never replaces a copy by an older one', async () => {
      const asset = fresh({ rev: 10 });
      await opened.cache.put(asset, LONG_MS);
      await opened.other.put({ ...asset, rev: 9, fileName: 'older' }, LONG_MS);
      expect(await opened.cache.get(asset)).toEqual(asset);
    });

    it('keeps the newest of many put at once, in whatever order', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 2, maxLength: 12 }),
          async (revs) => {
            const asset = fresh();
            await Promise.all(
              revs.map((rev, index) =>
                (index % 2 ? opened.cache : opened.other).put({ ...asset, rev }, LONG_MS),
              ),
            );
            expect((await opened.cache.get(asset))?.rev).toBe(Math.max(...revs));
          },
        ),
        { numRuns: 25 },
      );
    });

    it('forgets a copy when its time is up', async () => {
      const asset = fresh();
      await opened.cache.put(asset, SHORT_MS);
      await opened.elapse(SHORT_MS);
      expect(await opened.cache.get(asset)).toBeNull();
    });

    it('lets an older copy replace one whose time is up', async () => {
      const asset = fresh({ rev: 5 });
      await opened.cache.put(asset, SHORT_MS);
      await opened.elapse(SHORT_MS);
      await opened.cache.put({ ...asset, rev: 4 }, LONG_MS);
      expect(await opened.other.get(asset)).toMatchObject({ rev: 4 });
    });

    it('counts the time of a copy from its own put, not from an earlier one', async () => {
      const asset = fresh();
      await opened.cache.put(asset, SHORT_MS);
      await opened.cache.put(asset, LONG_MS);
      await opened.elapse(SHORT_MS);
      expect(await opened.cache.get(asset)).toEqual(asset);
    });

    it('keeps the time of a copy that an older one did not replace', async () => {
      const asset = fresh({ rev: 2 });
      await opened.cache.put(asset, SHORT_MS);
      await opened.cache.put({ ...asset, rev: 1 }, LONG_MS);
      await opened.elapse(SHORT_MS);
      expect(await opened.cache.get(asset)).toBeNull();
    });
  });
}
