/** How one or two channels are laid out; of more, their number alone tells nothing. */
export function plainLayout(channels: number | null): string | null {
  return { 1: 'mono', 2: 'stereo' }[channels ?? 0] ?? null;
}

/** What Vorbis, FLAC and Opus make of more channels; whether the surround ones are at the side or behind is not told apart. */
const SURROUND: Readonly<Record<number, string>> = {
  3: '3.0',
  4: 'quad',
  5: '5.0',
  6: '5.1',
  7: '6.1',
  8: '7.1',
};

/** Codecs whose number of channels says which they are; ALAC has others of four, seven and eight. */
const ORDERED: Readonly<Record<string, readonly number[]>> = {
  vorbis: [3, 4, 5, 6, 7, 8],
  flac: [3, 4, 5, 6, 7, 8],
  alac: [3, 5, 6],
};

/** The layout that a codec's standard gives so many channels; null where it gives several, or none. */
export function layoutByCodec(codec: string | null, channels: number | null): string | null {
  const plain = plainLayout(channels);
  if (plain !== null || codec === null || channels === null) return plain;
  const isOrdered = Object.hasOwn(ORDERED, codec) && ORDERED[codec]?.includes(channels);
  return isOrdered ? (SURROUND[channels] ?? null) : null;
}

/** Of AAC, by its channel configuration; 7 is taken for what encoders mean by it, and 0 is told in the frames. */
const BY_AAC_CONFIGURATION: Readonly<Record<number, string>> = {
  1: 'mono',
  2: 'stereo',
  3: '3.0',
  4: '4.0',
  5: '5.0',
  6: '5.1',
  7: '7.1',
  11: '6.1',
  12: '7.1',
};

/** What an AAC track's header says of its channels; 0 where it leaves them to the frames. Source: ISO/IEC 14496-3. */
export function aacConfiguration(header: Uint8Array): number {
  const [first = 0, second = 0] = header;
  // A rate that is written out takes 24 bits more.
  const isLong = (((first & 7) << 1) | (second >> 7)) === 15;
  return ((isLong ? (header[4] ?? 0) : second) >> 3) & 15;
}

/** Where the header of Opus says how its channels are mapped. Source: RFC 7845. */
const OPUS_FAMILY_AT = 18;

/** The layout that a track's own header tells of more than two channels; null where it tells none. */
export function layoutByHeader(
  codec: string | null,
  channels: number | null,
  header: Uint8Array | null,
): string | null {
  if (channels === null || channels <= 2) return layoutByCodec(codec, channels);
  if (codec === 'aac') {
    // Without one, as in ADTS, each frame has the configuration: there it is the number of channels, or 7 for eight.
    const configuration = header ? aacConfiguration(header) : channels === 8 ? 7 : channels;
    return BY_AAC_CONFIGURATION[configuration] ?? null;
  }
  // Others are sounds from all around, or have no meaning together.
  const isOrdered = codec === 'opus' && header?.[OPUS_FAMILY_AT] === 1;
  return isOrdered ? (SURROUND[channels] ?? null) : layoutByCodec(codec, channels);
}

/** Speakers by their bits in a WAVEFORMATEXTENSIBLE. */
const BY_MASK: Readonly<Record<number, string>> = {
  3: 'stereo',
  4: 'mono',
  7: '3.0',
  11: '2.1',
  51: 'quad',
  1539: 'quad',
  263: '4.0',
  55: '5.0',
  1543: '5.0',
  63: '5.1',
  1551: '5.1',
  1807: '6.1',
  1599: '7.1',
};

/** The layout of speakers that a WAV names; null where it names none, or such as have no name. */
export function layoutOfMask(mask: number): string | null {
  return BY_MASK[mask] ?? null;
}
