import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { MediaSource } from '#ports/media-source.ts';
import { itUnless } from './it-unless.ts';

export interface OpenedSource {
  readonly source: MediaSource;
  /** Puts another object in the place of this one. */
  readonly replace?: () => Promise<void>;
  readonly remove?: () => Promise<void>;
  readonly close?: () => Promise<void>;
}

/** What a source is opened with. */
export interface SourceConditions {
  readonly requestsMax: number;
  readonly bytesMax: number;
  /** Whether nobody answers where the bytes are. */
  readonly down: boolean;
}

/** Where a source is known to differ, and why. */
export interface MediaSourceTraits {
  /** Why its object can be neither replaced nor removed. */
  readonly unpinned?: string;
  readonly unbudgeted?: string;
  /** Why a read costs another number of bytes than it brings. */
  readonly inexact?: string;
}

const BUDGET: SourceConditions = { requestsMax: 100, bytesMax: 10_000_000, down: false };
const BYTES = new Uint8Array(randomBytes(300_000));
const signal = new AbortController().signal;
const fault = (code: string, kind = 'permanent') => expect.objectContaining({ code, kind });

/** Proves the prose of the `MediaSource` port on whatever `open` opens over some bytes. */
export function mediaSourceContract(
  name: string,
  open: (bytes: Uint8Array, conditions: SourceConditions) => Promise<OpenedSource>,
  { unpinned, unbudgeted, inexact }: MediaSourceTraits = {},
): void {
  describe(`${name} keeps the MediaSource contract`, () => {
    const opened: OpenedSource[] = [];
    const over = async (bytes = BYTES, conditions: Partial<SourceConditions> = {}) => {
      const one = await open(bytes, { ...BUDGET, ...conditions });
      opened.push(one);
      return one;
    };
    afterEach(async () => {
      for (const { close } of opened.splice(0)) await close?.();
    });

    it('says size and ETag', async () => {
      const { source } = await over();
      expect(source.size).toBe(BYTES.length);
      expect(source.etag).toMatch(/^".+"$/);
      expect(source.cost).toEqual({ requests: 0, bytes: 0 });
    });

    it.each([
      ['the first byte', 0, 1],
      ['the middle', 100_000, 200_000],
      ['the last byte', 299_999, 300_000],
      ['everything', 0, 300_000],
      ['what there is of a range that reaches past the end', 299_000, 400_000],
      ['what there is of a range from before the start', -50, 10],
    ])('reads %s', async (_, start, end) => {
      const { source } = await over();
      const read = await source.read(start, end, signal);
      expect(Buffer.from(read).equals(BYTES.subarray(Math.max(0, start), end))).toBe(true);
    });

    it.each([
      ['past the end', 300_000, 300_010],
      ['of no length', 10, 10],
      ['that ends before it starts', 20, 10],
    ])('reads nothing of a range %s, at no cost', async (_, start, end) => {
      const { source } = await over();
      expect(await source.read(start, end, signal)).toHaveLength(0);
      expect(source.cost).toEqual({ requests: 0, bytes: 0 });
    });

    it.each([0, 1, 300_000])('streams all of %i bytes in order, in one request', async (size) => {
      const bytes = BYTES.subarray(0, size);
      const { source } = await over(bytes);
      expect((await buffer(source.stream(signal))).equals(bytes)).toBe(true);
      expect(source.cost).toEqual({ requests: 1, bytes: size });
    });

    itUnless(inexact, 'counts what every read brings', async () => {
      const { source } = await over();
      await source.read(0, 10, signal);
      await source.read(-5, 10, signal);
      await source.read(299_990, 400_000, signal);
      expect(source.cost).toEqual({ requests: 3, bytes: 30 });
    });

    const refused = async (source: MediaSource): Promise<void> => {
      await source.read(0, 10, signal);
      const before = { ...source.cost };
      const read = source.read(200_000, 200_010, signal);
      await expect(read).rejects.toEqual(fault('PROBE_BUDGET_EXCEEDED'));
      expect(source.cost).toEqual(before);
    };

    itUnless(unbudgeted, 'refuses a read over its budget of requests, at no cost', async () => {
      await refused((await over(BYTES, { requestsMax: 1 })).source);
    });

    itUnless(
      unbudgeted ?? inexact,
      'refuses a read over its budget of bytes, at no cost',
      async () => {
        await refused((await over(BYTES, { bytesMax: 15 })).source);
      },
    );

    itUnless(
      unbudgeted ?? inexact,
      'spends no budget on a stream, nor holds it to one',
      async () => {
        const { source } = await over(BYTES, { requestsMax: 1, bytesMax: 10 });
        expect(await buffer(source.stream(signal))).toHaveLength(BYTES.length);
        expect(await source.read(0, 10, signal)).toHaveLength(10);
        expect(await buffer(source.stream(signal))).toHaveLength(BYTES.length);
      },
    );

    const every = async (source: MediaSource, expected: unknown): Promise<void> => {
      await expect(source.read(0, 10, signal)).rejects.toEqual(expected);
      await expect(buffer(source.stream(signal))).rejects.toEqual(expected);
    };

    itUnless(unpinned, 'says SOURCE_CHANGED where another object is in its place', async () => {
      const { source, replace } = await over();
      await replace?.();
      await every(source, fault('SOURCE_CHANGED'));
    });

    itUnless(unpinned, 'says SOURCE_GONE where the object is gone', async () => {
      const { source, remove } = await over();
      await remove?.();
      await every(source, fault('SOURCE_GONE'));
    });

    it('says OBJECT_STORE_UNAVAILABLE where nobody answers', async () => {
      const { source } = await over(BYTES, { down: true });
      await every(source, fault('OBJECT_STORE_UNAVAILABLE', 'transient'));
    });

    it('reads nothing for whoever has left', async () => {
      const reason = new Error('left');
      const left = AbortSignal.abort(reason);
      const { source } = await over();
      await expect(source.read(0, 10, left)).rejects.toBe(reason);
      await expect(buffer(source.stream(left))).rejects.toBe(reason);
    });

    it('ends a stream midway with the reason of its signal', async () => {
      const controller = new AbortController();
      const reason = new Error('left midway');
      const { source } = await over(new Uint8Array(randomBytes(4_000_000)));
      const reading = (async () => {
        for await (const chunk of source.stream(controller.signal)) {
          expect(chunk.length).toBeGreaterThan(0);
          controller.abort(reason);
        }
      })();
      await expect(reading).rejects.toBe(reason);
    });
  });
}
