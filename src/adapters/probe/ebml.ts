/** A stretch of an EBML file, as Matroska and WebM are. */
export interface Extent {
  readonly start: number;
  /** Null where the size is unknown, as in live recordings. */
  readonly end: number | null;
}

/** What EBML is made of. */
export interface Element extends Extent {
  readonly id: number;
}

/** The elements inside another one, as far as the view goes. */
export function* elements(view: DataView, within: Extent | null): Generator<Element> {
  if (!within) return;
  const until = Math.min(within.end ?? view.byteLength, view.byteLength);
  for (let at = within.start; at < until; ) {
    const element = elementAt(view, at, until);
    if (!element) return;
    yield element;
    if (element.end === null) return;
    at = element.end;
  }
}

/** The element that begins there; null where its header is not whole before `until`. */
export function elementAt(view: DataView, at: number, until = view.byteLength): Element | null {
  const id = vint(view, at, until, false);
  const size = id && vint(view, at + id.bytes, until, true);
  if (!id || !size) return null;
  const start = at + id.bytes + size.bytes;
  return { id: id.value ?? 0, start, end: size.value === null ? null : start + size.value };
}

/** A number whose first byte says how long it is; all ones means unknown. Ids keep the length marker. */
export function vint(
  view: DataView,
  at: number,
  until: number,
  strip: boolean,
): { value: number | null; bytes: number } | null {
  if (at >= until) return null;
  const first = view.getUint8(at);
  const bytes = Math.clz32(first) - 23;
  if (bytes > 8 || at + bytes > until) return null;
  let value = strip ? first & (0xff >> bytes) : first;
  let ones = value === 0xff >> bytes;
  for (let i = 1; i < bytes; i += 1) {
    const byte = view.getUint8(at + i);
    ones &&= byte === 0xff;
    value = value * 256 + byte;
  }
  return { value: strip && ones ? null : value, bytes };
}

const textDecoder = new TextDecoder();

export function text(view: DataView, { start, end }: Extent): string {
  const until = Math.min(end ?? start, view.byteLength);
  return textDecoder.decode(new Uint8Array(view.buffer, view.byteOffset + start, until - start));
}

export function unsigned(view: DataView, element: Extent | null): number {
  let value = 0;
  const until = Math.min(element?.end ?? 0, view.byteLength, (element?.start ?? 0) + 8);
  for (let at = element?.start ?? until; at < until; at += 1)
    value = value * 256 + view.getUint8(at);
  return value;
}
