import { fourLetters } from './byte-view.ts';

const FRAMES_SAID = 0x1;
const BYTES_SAID = 0x2;

/** What an encoder says of the whole stream in its first frame. Zero bytes: it does not say. */
export interface VbrHeader {
  readonly frames: number;
  readonly bytes: number;
}

/** Xing, Info or VBRI in the MPEG audio frame at a position, or null where there is none. */
export function readVbrHeader(view: DataView, at: number): VbrHeader | null {
  return (
    readXing(view, at + 4 + sideInformationBytes(view.getUint32(at))) ?? readVbri(view, at + 36)
  );
}

/** Xing and Info come behind the side information, whose size depends on version and channels. */
function sideInformationBytes(header: number): number {
  const mono = ((header >>> 6) & 3) === 3;
  if (((header >>> 19) & 3) === 3) return mono ? 17 : 32;
  return mono ? 9 : 17;
}

function readXing(view: DataView, at: number): VbrHeader | null {
  if (at + 16 > view.byteLength || !['Xing', 'Info'].includes(fourLetters(view, at))) return null;
  const flags = view.getUint32(at + 4);
  if (!(flags & FRAMES_SAID)) return null;
  return {
    frames: view.getUint32(at + 8),
    bytes: flags & BYTES_SAID ? view.getUint32(at + 12) : 0,
  };
}

function readVbri(view: DataView, at: number): VbrHeader | null {
  if (at + 18 > view.byteLength || fourLetters(view, at) !== 'VBRI') return null;
  return { bytes: view.getUint32(at + 10), frames: view.getUint32(at + 14) };
}
