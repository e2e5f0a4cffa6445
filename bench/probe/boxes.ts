/** Just enough of ISO base media files to make large ones of small ones, and to know how much of one is its index. */
import type { FileHandle } from 'node:fs/promises';

/** A box in a buffer: where its content begins and ends. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** The boxes between two places. Sizes of 64 bits do not occur in indexes. */
export function boxesIn(bytes: Buffer, start = 0, end = bytes.length): readonly Box[] {
  const found: Box[] = [];
  for (let at = start; at + 8 <= end; ) {
    const size = bytes.readUInt32BE(at);
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), start: at + 8, end: at + size });
    at += Math.max(8, size);
  }
  return found;
}

/** The first box by a path of names. */
export function find(bytes: Buffer, path: readonly string[], within?: Box): Box {
  const [type = '', ...rest] = path;
  const box = boxesIn(bytes, within?.start, within?.end).find((each) => each.type === type);
  if (!box) throw new Error(`there is no ${type}`);
  return rest.length === 0 ? box : find(bytes, rest, box);
}

/** A box around its content. */
export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** Numbers of 32 bits, of which there may be a million. */
export function numbers(values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  for (const [n, value] of values.entries()) bytes.writeUInt32BE(value, n * 4);
  return bytes;
}

/** Bytes of a file that are not media: what a reader has to know at most. */
export async function indexBytes(file: FileHandle, size: number): Promise<number> {
  const head = Buffer.alloc(16);
  let index = 0;
  for (let at = 0; at + 8 <= size; ) {
    await file.read(head, 0, 16, at);
    const short = head.readUInt32BE(0);
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    if (head.toString('latin1', 4, 8) !== 'mdat') index += length;
    at += Math.max(8, length);
  }
  return index;
}
