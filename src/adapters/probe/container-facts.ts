import type { DurationSource, FrameRateMode } from '#domain/metadata.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { adtsLength, mp3Length, type StreamLength } from './audio-frames.ts';
import { assertComplete } from './completeness.ts';
import { type FragmentFacts, readFragments } from './iso-fragments.ts';
import { type IsoIndex, type IsoTrack, readIsoIndex } from './iso-index.ts';
import { steadyUnits } from './iso-moof.ts';
import { readMatroskaBlocks } from './matroska-blocks.ts';
import { readMatroskaHead } from './matroska-head.ts';
import { corrupt, parsing } from './media-fault.ts';
import { countOggStreams } from './ogg-streams.ts';
import type { Ratio } from './track-truth.ts';
import { readTransportClock } from './transport-clock.ts';
import { readWavLayout } from './wav-layout.ts';

/** What we read ourselves of one track, where the engine is silent, imprecise or expensive. Unknown is absent. */
export interface TrackFacts {
  readonly handler?: string;
  readonly durationSeconds?: number;
  readonly frameCount?: number;
  readonly frameRate?: number;
  readonly bitRate?: number;
  readonly pixelAspect?: Ratio | null;
  /** Of the coded picture, what is shown; absent where that is all of it. */
  readonly cropped?: { readonly width: number; readonly height: number };
  readonly frameRateMode?: FrameRateMode;
  readonly keyFrameSeconds?: number;
  readonly hasEdits?: boolean;
  readonly channelLayout?: string | null;
}

/** What we read ourselves of a file, and so don't ask the engine. */
export interface ContainerFacts {
  readonly duration: { readonly seconds: number; readonly source: DurationSource } | null;
  /** By the number that the file gives a track. */
  readonly tracks: ReadonlyMap<number, TrackFacts>;
  readonly title?: string | null;
  /** Null where it is not known. */
  readonly hasChapters?: boolean | null;
  /** How many tracks there are, whoever knows them; absent where nobody counted. */
  readonly trackCount?: number;
  /** Whether the samples are told by fragments all over the file. */
  readonly fragmented?: boolean;
}

type Reader = (source: MediaSource, signal: AbortSignal) => Promise<ContainerFacts>;

const READERS: Readonly<Record<string, Reader>> = {
  mp4: readIsoFacts,
  mov: readIsoFacts,
  matroska: readMatroskaFacts,
  webm: readMatroskaFacts,
  ogg: readOggFacts,
  wav: readWavFacts,
  mpegts: readTransportFacts,
  mp3: async (source, signal) => streamFacts(await mp3Length(source, signal)),
  adts: async (source, signal) => streamFacts(await adtsLength(source, signal)),
};

/**
 * Reads from index and headers what the engine does not tell, and refuses a file that is not whole.
 *
 * @throws ForgeError `CORRUPT_MEDIA`, `MEDIA_TOO_COMPLEX`, those of the source.
 */
export async function readContainerFacts(
  source: MediaSource,
  container: string,
  signal: AbortSignal,
): Promise<ContainerFacts> {
  const read = READERS[container];
  if (read) return parsing(() => read(source, signal));
  await assertComplete(source, container, signal);
  return { duration: null, tracks: new Map() };
}

async function readIsoFacts(source: MediaSource, signal: AbortSignal): Promise<ContainerFacts> {
  const index = await readIsoIndex(source, signal);
  if (!index.fragments) {
    const tracks = index.tracks.map((track) => [track.id, sampleFacts(track)] as const);
    return { duration: indexedDuration(index), tracks: new Map(tracks) };
  }
  const fragments = await readFragments(source, index.fragments, signal);
  const tracks = index.tracks.map((track) => [track.id, spanFacts(track, fragments)] as const);
  const seconds = index.durationSeconds ?? spannedSeconds(index.tracks, fragments);
  const from = index.durationSeconds ? 'container' : 'stream';
  const duration = seconds ? ({ seconds, source: from } as const) : null;
  return { duration, tracks: new Map(tracks), fragmented: true };
}

function indexedDuration({ durationSeconds, tracks }: IsoIndex): ContainerFacts['duration'] {
  if (durationSeconds !== null) return { seconds: durationSeconds, source: 'container' };
  const seconds = Math.max(...tracks.map((track) => track.durationSeconds));
  return seconds > 0 ? { seconds, source: 'stream' } : null;
}

/** A track whose samples are all in the index. Rates are of the media: edits change what is shown, not how fast. */
function sampleFacts({
  handler,
  pixelAspect,
  count,
  bytes,
  units,
  hasEdits,
  ...track
}: IsoTrack): TrackFacts {
  const seconds = track.timescale > 0 ? units / track.timescale : 0;
  return {
    handler,
    pixelAspect,
    hasEdits,
    ...(count > 0 && { frameCount: count }),
    ...(seconds > 0 &&
      count > 0 && {
        frameRate: count / seconds,
        bitRate: (bytes * 8) / seconds,
        frameRateMode: track.steady ? ('constant' as const) : ('variable' as const),
        keyFrameSeconds: (track.keyFrameSamples * seconds) / count,
      }),
    ...(track.durationSeconds > 0 && { durationSeconds: track.durationSeconds }),
  };
}

/** A track in fragments. Its frame rate is certain where all were read, or where every frame lasts equally long. */
function spanFacts(
  { id, handler, pixelAspect, hasEdits, timescale }: IsoTrack,
  { spans, whole, toTheEnd }: FragmentFacts,
): TrackFacts {
  const span = spans.get(id);
  if (!span || span.samples === 0 || span.units === 0) return { handler, pixelAspect, hasEdits };
  const steady = steadyUnits(span);
  const each = whole ? span.units / span.samples : steady;
  const seconds = (span.end - span.start) / timescale;
  return {
    handler,
    pixelAspect,
    hasEdits,
    ...(whole && steady && { frameRateMode: 'constant' as const }),
    ...(toTheEnd && { durationSeconds: seconds }),
    ...(each && { frameRate: timescale / each }),
    ...(whole && { frameCount: span.samples, bitRate: (span.bytes * 8) / seconds }),
  };
}

/** From the first start to the last end of all tracks. */
function spannedSeconds(
  tracks: readonly IsoTrack[],
  { spans, toTheEnd }: FragmentFacts,
): number | null {
  if (!toTheEnd) return null;
  const spanned = tracks.flatMap(({ id, timescale }) => {
    const span = spans.get(id);
    return span && timescale > 0 ? [[span.start / timescale, span.end / timescale] as const] : [];
  });
  const start = Math.min(...spanned.map(([from]) => from));
  return Math.max(...spanned.map(([, to]) => to)) - start;
}

async function readMatroskaFacts(
  source: MediaSource,
  signal: AbortSignal,
): Promise<ContainerFacts> {
  const head = await readMatroskaHead(source, signal);
  const { title, frameNanoseconds, pictures, hasChapters, blocks } = head;
  const tracks = new Map<number, TrackFacts>(
    blocks ? await readMatroskaBlocks(source, blocks, signal) : [],
  );
  for (const [id, each] of frameNanoseconds) {
    // It is not rounded, as times are; of a rate that varies it is the usual one.
    tracks.set(id, { ...tracks.get(id), frameRate: 1e9 / each });
  }
  for (const [id, picture] of pictures) tracks.set(id, { ...tracks.get(id), ...picture });
  return { duration: null, tracks, title, hasChapters };
}

async function readOggFacts(source: MediaSource, signal: AbortSignal): Promise<ContainerFacts> {
  await assertComplete(source, 'ogg', signal);
  const trackCount = await countOggStreams(source, signal);
  return { duration: null, tracks: new Map(), trackCount };
}

async function readWavFacts(source: MediaSource, signal: AbortSignal): Promise<ContainerFacts> {
  await assertComplete(source, 'wav', signal);
  const channelLayout = await readWavLayout(source, signal);
  return { duration: null, tracks: new Map([[1, { channelLayout }]]) };
}

async function readTransportFacts(
  source: MediaSource,
  signal: AbortSignal,
): Promise<ContainerFacts> {
  const clock = await readTransportClock(source, signal);
  const duration = clock && ({ seconds: clock.seconds, source: 'stream' } as const);
  // Sound whose kind the file does not say (AAC in the M2TS that ffmpeg writes), mediabunny leaves out without a word.
  return {
    duration,
    tracks: clock?.tracks ?? new Map(),
    ...(clock && { trackCount: clock.tracks.size }),
  };
}

/** An elementary stream is one track, which engines number 1. */
function streamFacts(length: StreamLength | null): ContainerFacts {
  if (!length) throw corrupt('there is no audio frame in the file');
  const { seconds, source, bitRate } = length;
  return {
    duration: { seconds, source },
    tracks: new Map([[1, { durationSeconds: seconds, bitRate }]]),
  };
}
