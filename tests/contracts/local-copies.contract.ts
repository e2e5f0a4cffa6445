import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import type { LocalCopies } from '#ports/local-copies.ts';
import { aVideoMetadata } from '../support/an-asset.ts';
import { FileSource } from '../support/file-source.ts';
import { overriding } from '../support/overriding.ts';

const BYTES = Uint8Array.from({ length: 5000 }, (_, at) => at % 251);
const METADATA = aVideoMetadata();
const signal = new AbortController().signal;

/** Proves the prose of the `LocalCopies` port on whatever `open` opens. `folder` is where it keeps its copies. */
export function localCopiesContract(
  name: string,
  open: (bounds: { readonly bytesMax: number }) => LocalCopies,
  folder: () => string,
): void {
  describe(`${name} keeps the LocalCopies contract`, () => {
    const copies = (bytesMax = BYTES.length) => open({ bytesMax });

    it('has all bytes, alone in a directory of its own, under a name of no meaning', async () => {
      const copy = await copies().open(new FileSource(BYTES), METADATA, signal);
      expect(new Uint8Array(readFileSync(copy.path))).toEqual(BYTES);
      expect(dirname(copy.path)).toBe(copy.directory);
      expect(readdirSync(copy.directory)).toHaveLength(1);
      const other = await copies().open(new FileSource(BYTES), METADATA, signal);
      expect(other.path).not.toBe(copy.path);
      expect(other.directory).not.toBe(copy.directory);
      await Promise.all([copy.remove(), other.remove()]);
      expect(existsSync(copy.directory)).toBe(false);
    });

    it('stays when the signal aborts, until it is removed, which may be twice', async () => {
      const controller = new AbortController();
      const copy = await copies().open(new FileSource(BYTES), METADATA, controller.signal);
      controller.abort();
      expect(existsSync(copy.path)).toBe(true);
      await copy.remove();
      await copy.remove();
      expect(existsSync(copy.directory)).toBe(false);
    });

    it('does not begin with what is too large', async () => {
      const source = new FileSource(BYTES);
      await expect(copies(BYTES.length - 1).open(source, METADATA, signal)).rejects.toMatchObject({
        code: 'PROBE_BUDGET_EXCEEDED',
        kind: 'permanent',
      });
      expect(source.cost.requests).toBe(0);
    });

    it('passes on the very error of the source, and leaves nothing', async () => {
      const error = new ForgeError('SOURCE_CHANGED', 'permanent', 'another one');
      const source = overriding(new FileSource(BYTES), {
        async *stream() {
          yield BYTES.subarray(0, 100);
          throw error;
        },
      });
      const before = readdirSync(folder());
      await expect(copies().open(source, METADATA, signal)).rejects.toBe(error);
      expect(readdirSync(folder())).toEqual(before);
    });

    it('rejects with the reason of an abort, and leaves nothing', async () => {
      const controller = new AbortController();
      const reason = new Error('lost the lease');
      const begun = Promise.withResolvers<void>();
      const source = overriding(new FileSource(BYTES), {
        // As sources do: soon, with the reason.
        async *stream(its) {
          yield BYTES.subarray(0, 100);
          begun.resolve();
          await new Promise((resolve) => its.addEventListener('abort', resolve));
          throw its.reason;
        },
      });
      const before = readdirSync(folder());
      const opening = expect(copies().open(source, METADATA, controller.signal)).rejects.toBe(
        reason,
      );
      await begun.promise;
      controller.abort(reason);
      await opening;
      const early = new AbortController();
      const unbegun = copies().open(new FileSource(BYTES), METADATA, early.signal);
      early.abort(reason);
      await expect(unbegun).rejects.toBe(reason);
      expect(readdirSync(folder())).toEqual(before);
      await expect(copies().open(source, METADATA, controller.signal)).rejects.toBe(reason);
    });
  });
}
