import { fourLetters } from './byte-view.ts';

/** A chunk of a RIFF file, as AVI and WAV are; positions are of its content. */
export interface Chunk {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

/** The chunks between two positions, as far as the view goes. A list is named by what it is a list of. */
export function* chunks(
  view: DataView,
  start: number,
  end = Number.POSITIVE_INFINITY,
): Generator<Chunk> {
  for (let at = start; at + 12 <= Math.min(end, view.byteLength); ) {
    const id = fourLetters(view, at);
    const next = at + 8 + view.getUint32(at + 4, true);
    const isList = id === 'LIST';
    yield isList
      ? { id: `LIST ${fourLetters(view, at + 8)}`, start: at + 12, end: next }
      : { id, start: at + 8, end: next };
    at = next + (next % 2);
  }
}
