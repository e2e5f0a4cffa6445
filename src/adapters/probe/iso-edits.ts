import { type Box, boxAt, tableAt } from './iso-box.ts';

/** What encoders put in front, or a last frame cut short, is less. */
const TRIM_SECONDS_MAX = 1;

/** What an edit list does to a track. */
export interface Edits {
  /** Sum of the edits that show something, in units of the movie. */
  readonly shownUnits: number;
  /** Whether it pauses, repeats, jumps, changes the speed, or leaves out more than a second at the start or the end. */
  readonly hasEdits: boolean;
}

/** Units per second of the movie, which edits are long in, and of the track, which they begin in; and its length. */
export interface EditScales {
  readonly movie: number;
  readonly track: number;
  readonly mediaSeconds: number;
}

interface Edit {
  /** In units of the movie. */
  readonly units: number;
  /** Where it begins in the media, in units of the track; -1 is a pause. */
  readonly mediaTime: number;
  /** A 16.16 number. */
  readonly speed: number;
}

const PLAIN_SPEED = 0x0001_0000;

/** Reads `elst`. */
export function readEdits(view: DataView, trak: Box, scales: EditScales): Edits {
  const edits = [...listEdits(view, boxAt(view, trak, 'edts', 'elst'))];
  const shown = edits.filter(({ mediaTime }) => mediaTime !== -1);
  const shownUnits = shown.reduce((sum, { units }) => sum + units, 0);
  const unusual =
    shown.length > 1 ||
    shown.length < edits.length ||
    edits.some(({ speed }) => speed !== PLAIN_SPEED);
  return { shownUnits, hasEdits: unusual || isTrimmed(shown[0], scales) };
}

/** In a fragmented file the index does not know how long the media is, and an edit that is 0 long shows all. */
function isTrimmed(only: Edit | undefined, { movie, track, mediaSeconds }: EditScales): boolean {
  if (!only) return false;
  const start = only.mediaTime / track;
  const end = only.units > 0 ? mediaSeconds - start - only.units / movie : 0;
  return start > TRIM_SECONDS_MAX || end > TRIM_SECONDS_MAX;
}

function* listEdits(view: DataView, elst: Box | null): Generator<Edit> {
  const wide = elst !== null && elst.start < elst.end && view.getUint8(elst.start) === 1;
  const bytes = wide ? 20 : 12;
  const { count, first } = tableAt(view, elst, 4, bytes);
  for (let at = first; at < first + count * bytes; at += bytes) {
    const units = wide ? Number(view.getBigUint64(at)) : view.getUint32(at);
    const mediaTime = wide ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4);
    yield { units, mediaTime, speed: view.getUint32(at + bytes - 4) };
  }
}
