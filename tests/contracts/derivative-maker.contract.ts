import { describe, expect, it } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeMaker } from '#ports/derivative-maker.ts';
import { FileSource } from '../support/file-source.ts';
import { makeOf } from '../support/media-maker.ts';

/** What a maker is tried on. */
export interface MakerCase {
  /** What it is made for, and a file of that kind. */
  readonly metadata: MediaMetadata;
  readonly bytes: () => Uint8Array;
  /** What it makes of it, in order. */
  readonly makes: readonly string[];
  /** What it is not made for. */
  readonly others: readonly MediaMetadata[];
  /** Text that is in the file, and may be in nothing that is made of it. */
  readonly secret?: string;
}

const signal = new AbortController().signal;
const JUNK = Uint8Array.from({ length: 4000 }, (_, at) => (at * 7919) % 256);

/** Proves the prose of the `DerivativeMaker` port on whatever `open` opens. */
export function derivativeMakerContract(
  name: string,
  open: () => DerivativeMaker,
  { metadata, bytes, makes, others, secret }: MakerCase,
): void {
  describe(`${name} keeps the DerivativeMaker contract`, () => {
    it('has a name that fits in an environment variable and a metric', () => {
      expect(open().name).toMatch(/^[a-z]+$/);
    });

    it('says what it can be made of', () => {
      expect(open().appliesTo(metadata)).toBe(true);
      for (const other of others) expect(open().appliesTo(other)).toBe(false);
    });

    it('makes files with names that fit in a key', async () => {
      const files = await makeOf(open(), metadata, bytes());
      expect(files.map((file) => file.name)).toEqual(makes);
      for (const { fileName, contentType, body } of files) {
        expect(fileName).toMatch(/^[a-z0-9-]+\.[a-z0-9]+$/);
        expect(contentType).toMatch(/^(image|text|application)\/[a-z]+$/);
        expect(body.length).toBeGreaterThan(0);
      }
      expect(new Set(files.map((file) => file.fileName)).size).toBe(files.length);
    });

    // What is written into no file has nothing to leave behind.
    if (secret !== undefined) {
      it('leaves behind what the file says of itself', async () => {
        expect(Buffer.from(bytes()).includes(secret)).toBe(true);
        for (const { body } of await makeOf(open(), metadata, bytes())) {
          expect(Buffer.from(body).includes(secret)).toBe(false);
          expect(Buffer.from(body).includes('Exif')).toBe(false);
        }
      });
    }

    it.each([
      ['junk', JUNK],
      ['nothing', new Uint8Array()],
    ])('blames the bytes where they are %s', async (_, junk) => {
      const error = await makeOf(open(), metadata, junk).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ForgeError);
      expect(error).toMatchObject({ kind: 'permanent', code: 'CORRUPT_MEDIA' });
      // Clients read it: nothing of this machine is in it.
      expect((error as ForgeError).message).not.toMatch(/\/|streamforge-/);
    });

    it('passes on the very error of the copy', async () => {
      const error = new ForgeError('PROBE_BUDGET_EXCEEDED', 'permanent', 'too large');
      const copy = () => Promise.reject(error);
      const input = { metadata, source: new FileSource(bytes()), copy };
      await expect(open().make(input, signal)).rejects.toBe(error);
    });

    it('rejects with the reason of an abort', async () => {
      const controller = new AbortController();
      const reason = new Error('lost the lease');
      const source = new FileSource(bytes());
      const input = {
        metadata,
        source,
        // Midway: the copy is there, the work is not done.
        copy: async () => {
          controller.abort(reason);
          return { path: '/nonexistent/copy', directory: '/' };
        },
      };
      const made = open().make(input, controller.signal);
      await expect(made).rejects.toBe(reason);
    });
  });
}
