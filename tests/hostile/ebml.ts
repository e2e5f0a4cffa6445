/** Takes Matroska files apart and puts them together, with more in them than anybody should write. */
import { concat } from '../support/iso-file.ts';

/** An element: its id as it is in the file, and what is in it. */
interface Element {
  readonly id: number;
  readonly body: Uint8Array;
}

const SEGMENT = 0x1853_8067;
const [INFO, TRACKS, CLUSTER] = [0x1549_a966, 0x1654_ae6b, 0x1f43_b675];

function* elements(bytes: Uint8Array): Iterable<Element> {
  let at = 0;
  while (at < bytes.length) {
    const idLength = Math.clz32(bytes[at] ?? 0) - 23;
    const id = number(bytes, at, idLength);
    at += idLength;
    const sizeLength = Math.clz32(bytes[at] ?? 0) - 23;
    const size = number(bytes, at, sizeLength) - 2 ** (7 * sizeLength);
    at += sizeLength;
    yield { id, body: bytes.subarray(at, at + size) };
    at += size;
  }
}

function number(bytes: Uint8Array, at: number, length: number): number {
  return bytes.subarray(at, at + length).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** An element, its size in eight bytes. */
export function element(id: number, ...content: readonly (Uint8Array | string | number)[]) {
  const body = concat(...content.map(bytesOf));
  const idHex = id.toString(16);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(0x0100_0000_0000_0000n + BigInt(body.length));
  return concat(Buffer.from(idHex.length % 2 === 1 ? `0${idHex}` : idHex, 'hex'), size, body);
}

function bytesOf(content: Uint8Array | string | number): Uint8Array {
  if (typeof content !== 'number') return Buffer.from(content);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(content));
  return bytes;
}

/** The same file with more elements between its tracks and its pictures. */
export function withElements(file: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array {
  const [head, segment] = [...elements(file)];
  if (!head || segment?.id !== SEGMENT) throw new Error('this is no Matroska file');
  const inside = [...elements(segment.body)];
  const copy = (id: number) =>
    inside.filter((each) => each.id === id).map(({ body }) => element(id, body));
  return concat(
    element(head.id, head.body),
    element(SEGMENT, ...copy(INFO), ...copy(TRACKS), ...more, ...copy(CLUSTER)),
  );
}

/** So many tags of 200 letters each. */
export function tags(count: number): Uint8Array {
  const simple = (n: number) =>
    element(0x67c8, element(0x45a3, `k${n}`), element(0x4487, 'A'.repeat(200)));
  const all = Array.from({ length: count }, (_, n) => simple(n));
  return element(0x1254_c367, element(0x7373, element(0x63c0), ...all));
}

/** So many chapters of a millisecond each. */
export function chapters(count: number): Uint8Array {
  const atom = (n: number) =>
    element(
      0xb6,
      element(0x73c4, n + 1),
      element(0x91, n * 1_000_000),
      element(0x92, (n + 1) * 1_000_000),
      element(0x80, element(0x85, 'B'.repeat(100)), element(0x437c, 'eng')),
    );
  return element(0x1043_a770, element(0x45b9, ...Array.from({ length: count }, (_, n) => atom(n))));
}
