import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import type { ObjectStore, PresignedRequest } from '#ports/object-store.ts';
import { itUnless } from './it-unless.ts';

/** Does what a client does with a presigned request; answers with the HTTP status. */
type Send = (
  request: PresignedRequest,
  bytes: Uint8Array,
  headers?: Readonly<Record<string, string>>,
) => Promise<number>;

export interface OpenObjectStore {
  readonly store: ObjectStore;
  readonly send: Send;
  readonly close?: () => Promise<void>;
}

/** Where a store is known to differ. */
export interface ObjectStoreTraits {
  /** False where a presigned request is not held against its signature. */
  readonly checksSignatures?: boolean;
  /** False where HEAD does not tell the checksum that a presigned PUT declared. */
  readonly tellsChecksums?: boolean;
}

/** Keys in one page of a list, where a list has pages: few, so that the tests see several. */
export const KEYS_PER_PAGE = 3;

/** S3's smallest part, unless it is the last. */
const PART_BYTES_MIN = 5 * 1024 * 1024;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');

const refusal = (code: string, kind = 'permanent') => expect.objectContaining({ code, kind });

/** Proves the prose of the `ObjectStore` port on whatever `open` opens. */
export function objectStoreContract(
  name: string,
  open: () => Promise<OpenObjectStore>,
  { checksSignatures = true, tellsChecksums = true }: ObjectStoreTraits = {},
): void {
  describe(`${name} keeps the ObjectStore contract`, () => {
    let store: ObjectStore;
    let send: Send;
    let close: OpenObjectStore['close'];

    beforeAll(async () => {
      ({ store, send, close } = await open());
    });
    afterAll(() => close?.());

    const freshKey = () => `uploads/acme/${randomUUID()}/source`;
    const put = async (bytes: Uint8Array, key = freshKey()) => {
      await store.put(key, bytes, 'video/mp4');
      const head = await store.head(key);
      if (!head) throw new Error('what was put is not there');
      return { key, etag: head.etag };
    };
    const presign = (bytes: Uint8Array, over: { key?: string; checksumSha256?: string } = {}) =>
      store.presignPut({
        key: freshKey(),
        contentType: 'video/mp4',
        size: bytes.length,
        expiresSeconds: 60,
        ...over,
      });

    describe('objects', () => {
      it('says size, ETag and type of what was put', async () => {
        const { key } = await put(Buffer.from('hello'));
        const head = await store.head(key);
        expect(head).toMatchObject({ size: 5, contentType: 'video/mp4' });
        expect(head?.etag).toMatch(/^"[0-9a-f-]+"$/);
      });

      it('answers null for what is not there', async () => {
        expect(await store.head(freshKey())).toBeNull();
      });

      it('takes any key', async () => {
        const { key } = await put(Buffer.from('x'), `derived/a b+c/ü%20 (1)&=?#/${randomUUID()}`);
        expect(await store.head(key)).toMatchObject({ size: 1 });
      });

      it('keeps an empty object', async () => {
        const { key, etag } = await put(Buffer.alloc(0));
        expect(await store.head(key)).toMatchObject({ size: 0 });
        expect(await buffer(store.stream(key, etag))).toHaveLength(0);
        expect(await store.readRange(key, { etag, start: 0, end: 9 })).toHaveLength(0);
      });

      it('removes, also what is not there', async () => {
        const { key } = await put(Buffer.from('hello'));
        await store.remove(key);
        await store.remove(key);
        expect(await store.head(key)).toBeNull();
      });
    });

    describe('lists', () => {
      const listed = async (prefix: string, signal?: AbortSignal) => {
        const keys: string[] = [];
        for await (const key of store.list(prefix, signal)) keys.push(key);
        return keys;
      };
      /** Puts objects under a prefix that nobody else has. */
      const putUnder = async (...names: readonly string[]) => {
        const prefix = `derived/acme/${randomUUID()}/`;
        for (const name of names) await put(Buffer.from('x'), `${prefix}${name}`);
        return prefix;
      };
      const numbers = Array.from({ length: 7 }, (_, n) => `${n}`);

      it('has every key that begins with the prefix, over several pages, each once and in order', async () => {
        const prefix = await putUnder(...numbers.toReversed());
        expect(await listed(prefix)).toEqual(numbers.map((n) => prefix + n));
      });

      it('has as many keys as a page or two, exactly', async () => {
        for (const count of [KEYS_PER_PAGE, 2 * KEYS_PER_PAGE]) {
          const prefix = await putUnder(...numbers.slice(0, count));
          expect(await listed(prefix)).toHaveLength(count);
        }
      });

      it('has the key alone that equals the prefix, and what begins like it', async () => {
        const prefix = await putUnder('1', '10/a', '2/b/c');
        expect(await listed(`${prefix}1`)).toEqual([`${prefix}1`, `${prefix}10/a`]);
        expect(await listed(`${prefix}2`)).toEqual([`${prefix}2/b/c`]);
      });

      it('has any key, in the order of bytes', async () => {
        const names = ['B', 'a b+c', 'a&b', 'ü%20(1)=?#', '\u{1f3d6}', '\uff5e'];
        const prefix = await putUnder(...names);
        const inOrder = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(await listed(prefix)).toEqual(inOrder.map((name) => prefix + name));
      });

      it('has none where there are none', async () => {
        expect(await listed(`derived/acme/${randomUUID()}/`)).toEqual([]);
      });

      it('loses none where what was listed is removed on the way', async () => {
        const prefix = await putUnder(...numbers);
        const seen: string[] = [];
        for await (const key of store.list(prefix)) {
          seen.push(key);
          await store.remove(key);
        }
        expect(seen).toHaveLength(numbers.length);
        expect(await listed(prefix)).toEqual([]);
      });

      it('lets a reader leave early', async () => {
        const prefix = await putUnder(...numbers);
        for await (const key of store.list(prefix)) {
          expect(key).toBe(`${prefix}0`);
          break;
        }
        expect(await listed(prefix)).toHaveLength(numbers.length);
      });

      it('rejects with the reason of a signal that is aborted, midway too', async () => {
        const prefix = await putUnder('1', '2');
        const reason = new Error('left');
        await expect(listed(prefix, AbortSignal.abort(reason))).rejects.toBe(reason);
        const controller = new AbortController();
        const seen: string[] = [];
        const read = (async () => {
          for await (const key of store.list(prefix, controller.signal)) {
            seen.push(key);
            controller.abort(reason);
          }
        })();
        await expect(read).rejects.toBe(reason);
        expect(seen).toHaveLength(1);
      });
    });

    describe('reads', () => {
      const bytes = randomBytes(300_000);

      it.each([
        ['the first byte', 0, 0],
        ['the middle', 100_000, 199_999],
        ['the last byte', 299_999, 299_999],
        ['everything', 0, 299_999],
        ['what there is of a range that reaches past the end', 299_000, 400_000],
        ['nothing of a range past the end', 300_000, 300_010],
      ])('reads %s', async (_what, start, end) => {
        const { key, etag } = await put(bytes);
        const read = await store.readRange(key, { etag, start, end });
        expect(Buffer.from(read).equals(bytes.subarray(start, end + 1))).toBe(true);
      });

      it('streams everything in order', async () => {
        const { key, etag } = await put(bytes);
        expect((await buffer(store.stream(key, etag))).equals(bytes)).toBe(true);
      });

      it('says SOURCE_GONE where the object is gone', async () => {
        const { key, etag } = await put(bytes);
        await store.remove(key);
        const read = store.readRange(key, { etag, start: 0, end: 1 });
        await expect(read).rejects.toEqual(refusal('SOURCE_GONE'));
        await expect(read).rejects.toBeInstanceOf(ForgeError);
        await expect(buffer(store.stream(key, etag))).rejects.toEqual(refusal('SOURCE_GONE'));
      });

      it('says SOURCE_CHANGED where another object is in its place', async () => {
        const { key, etag } = await put(bytes);
        await put(Buffer.from('another'), key);
        const read = store.readRange(key, { etag, start: 0, end: 1 });
        await expect(read).rejects.toEqual(refusal('SOURCE_CHANGED'));
        const past = store.readRange(key, { etag, start: 200_000, end: 200_001 });
        await expect(past).rejects.toEqual(refusal('SOURCE_CHANGED'));
        await expect(buffer(store.stream(key, etag))).rejects.toEqual(refusal('SOURCE_CHANGED'));
      });

      it('rejects with the reason of a signal that is aborted', async () => {
        const { key, etag } = await put(bytes);
        const reason = new Error('left');
        const signal = AbortSignal.abort(reason);
        await expect(store.head(key, signal)).rejects.toBe(reason);
        await expect(store.readRange(key, { etag, start: 0, end: 1 }, signal)).rejects.toBe(reason);
        await expect(buffer(store.stream(key, etag, signal))).rejects.toBe(reason);
        await expect(store.put(key, bytes, 'video/mp4', signal)).rejects.toBe(reason);
      });

      it('ends a stream midway with the reason of its signal', async () => {
        const { key, etag } = await put(randomBytes(4_000_000));
        const controller = new AbortController();
        const reason = new Error('left midway');
        const read = (async () => {
          for await (const chunk of store.stream(key, etag, controller.signal)) {
            expect(chunk.length).toBeGreaterThan(0);
            controller.abort(reason);
          }
        })();
        await expect(read).rejects.toBe(reason);
      });

      it('lets a reader leave a stream early', async () => {
        const { key, etag } = await put(randomBytes(4_000_000));
        for await (const chunk of store.stream(key, etag)) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
        expect(await store.readRange(key, { etag, start: 0, end: 0 })).toHaveLength(1);
      });
    });

    describe('presigned PUT', () => {
      const bytes = randomBytes(2000);
      const signed = (title: string, run: () => Promise<void>) =>
        checksSignatures
          ? it(title, run)
          : it.skip(`${title} (skipped: no signature is checked here)`, run);

      it('stores what a client sends with exactly the headers it is given', async () => {
        const key = freshKey();
        const request = await presign(bytes, { key });
        expect(await send(request, bytes)).toBe(200);
        expect(await store.head(key)).toMatchObject({ size: 2000, contentType: 'video/mp4' });
      });

      it('takes bytes that match the declared checksum', async () => {
        const request = await presign(bytes, { checksumSha256: sha256(bytes) });
        expect(request.headers['x-amz-checksum-sha256']).toBe(sha256(bytes));
        expect(await send(request, bytes)).toBe(200);
      });

      const untold = tellsChecksums ? undefined : 'this store does not tell it';
      itUnless(untold, 'knows the declared checksum afterwards', async () => {
        const key = freshKey();
        await send(await presign(bytes, { key, checksumSha256: sha256(bytes) }), bytes);
        expect(await store.head(key)).toMatchObject({ checksumSha256: sha256(bytes) });
      });

      it('knows the checksum of bytes that came without one, or says nothing of it', async () => {
        const key = freshKey();
        expect(await send(await presign(bytes, { key }), bytes)).toBe(200);
        const { checksumSha256 = sha256(bytes) } = (await store.head(key)) ?? {};
        expect(checksumSha256).toBe(sha256(bytes));
      });

      it('says when it expires', async () => {
        const { expiresAt } = await presign(bytes);
        const seconds = (expiresAt - Date.now()) / 1000;
        expect(seconds).toBeGreaterThan(50);
        expect(seconds).toBeLessThanOrEqual(60);
      });

      it('does not overwrite', async () => {
        const key = freshKey();
        const request = await presign(bytes, { key });
        expect(await send(request, bytes)).toBe(200);
        const before = await store.head(key);
        expect(await send(request, bytes.toReversed())).toBe(412);
        expect(await store.head(key)).toEqual(before);
      });

      signed('refuses another length', async () => {
        const key = freshKey();
        const request = await presign(bytes, { key });
        expect(await send(request, bytes.subarray(1))).toBe(403);
        expect(await store.head(key)).toBeNull();
      });

      signed('refuses another type', async () => {
        const request = await presign(bytes);
        const headers = { ...request.headers, 'content-type': 'text/html' };
        expect(await send(request, bytes, headers)).toBe(403);
      });

      signed('refuses a client that leaves out if-none-match', async () => {
        const request = await presign(bytes);
        const { 'if-none-match': _, ...headers } = request.headers;
        expect(await send(request, bytes, headers)).toBe(403);
      });

      signed('refuses bytes that do not match the declared checksum', async () => {
        const key = freshKey();
        const request = await presign(bytes, { key, checksumSha256: sha256(bytes) });
        expect(await send(request, bytes.toReversed())).toBe(400);
        expect(await store.head(key)).toBeNull();
      });
    });

    describe('multipart upload', () => {
      const first = randomBytes(PART_BYTES_MIN);
      const second = randomBytes(1000);
      const begin = async (key: string) => {
        const uploadId = await store.createMultipart(key, 'video/mp4');
        const sendPart = async (partNumber: number, bytes: Uint8Array) => {
          const status = await send(await store.presignPart(key, uploadId, partNumber, 60), bytes);
          expect(status).toBe(200);
        };
        return { uploadId, sendPart };
      };

      it('becomes visible when it is completed, whole and in order', async () => {
        const key = freshKey();
        const { uploadId, sendPart } = await begin(key);
        await sendPart(2, second);
        await sendPart(1, first);
        expect(await store.head(key)).toBeNull();
        const parts = await store.listParts(key, uploadId);
        expect(parts.map(({ partNumber, size }) => [partNumber, size])).toEqual([
          [1, PART_BYTES_MIN],
          [2, 1000],
        ]);
        await store.completeMultipart(key, uploadId, parts);
        const head = await store.head(key);
        expect(head).toMatchObject({ size: PART_BYTES_MIN + 1000, contentType: 'video/mp4' });
        const range = { etag: head?.etag ?? '', start: PART_BYTES_MIN, end: PART_BYTES_MIN + 999 };
        expect(Buffer.from(await store.readRange(key, range)).equals(second)).toBe(true);
      });

      it('does not overwrite', async () => {
        const { key, etag } = await put(Buffer.from('was here first'));
        const { uploadId, sendPart } = await begin(key);
        await sendPart(1, second);
        const parts = await store.listParts(key, uploadId);
        await expect(store.completeMultipart(key, uploadId, parts)).rejects.toEqual(
          refusal('SOURCE_CHANGED'),
        );
        expect(await store.head(key)).toMatchObject({ etag });
      });

      it('refuses a part that is not what arrived', async () => {
        const key = freshKey();
        const { uploadId, sendPart } = await begin(key);
        await sendPart(1, second);
        const wrong = [{ partNumber: 1, etag: `"${'0'.repeat(32)}"`, size: 1000 }];
        await expect(store.completeMultipart(key, uploadId, wrong)).rejects.toEqual(
          refusal('SOURCE_CHANGED'),
        );
        expect(await store.head(key)).toBeNull();
      });

      it('leaves nothing when it is aborted, also twice', async () => {
        const key = freshKey();
        const { uploadId, sendPart } = await begin(key);
        await sendPart(1, second);
        await store.abortMultipart(key, uploadId);
        await store.abortMultipart(key, uploadId);
        expect(await store.listParts(key, uploadId)).toEqual([]);
        expect(await store.head(key)).toBeNull();
      });

      it('lists no parts of an upload that it does not know', async () => {
        expect(await store.listParts(freshKey(), randomUUID())).toEqual([]);
      });
    });
  });
}
