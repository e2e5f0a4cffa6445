import type { Input, InputAudioTrack, InputTrack, InputVideoTrack, MetadataTags } from 'mediabunny';
import { ForgeError } from '#domain/errors.ts';
import type { AudioTrack, VideoTrack } from '#domain/metadata.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { aacConfiguration } from './channel-layouts.ts';
import { type ContainerFacts, readContainerFacts } from './container-facts.ts';
import type { ReadAllowance } from './engine-table.ts';
import { tooComplex, unsupported } from './media-fault.ts';
import {
  DURATION_DECIMALS,
  describeAudio,
  describeVideo,
  type KnownTrack,
} from './mediabunny-tracks.ts';
import { MeteredInput } from './metered-input.ts';
import { RangeCache } from './range-cache.ts';
import { cleanTags } from './tags.ts';
import { known, TRACKS_MAX } from './track-truth.ts';

/** What a duration or a frame rate that no header tells may cost, each. */
const EXTRA: ReadAllowance = { requests: 48, bytes: 8 * 1024 * 1024 };

/** For an engine that unrolls fragments without a limit: what it has not read yet, it shall not read. */
const NOTHING: ReadAllowance = { requests: 0, bytes: 0 };

/** Frames that tell a steady rate from one that varies. */
const FRAMES_LOOKED_AT = 64;

/** Containers by the names mediabunny gives its formats. */
const CONTAINERS: Readonly<Record<string, string>> = {
  MP4: 'mp4',
  'QuickTime File Format': 'mov',
  WebM: 'webm',
  Matroska: 'matroska',
  MP3: 'mp3',
  WAVE: 'wav',
  FLAC: 'flac',
  Ogg: 'ogg',
  ADTS: 'adts',
  'MPEG Transport Stream': 'mpegts',
};

/** In an MP4 the number of channels of these is a constant; their frames know better. */
const UNTOLD_CHANNELS = ['mp3', 'dts'];

/** Channel configurations of AAC of which mediabunny knows how many channels they are. */
const AAC_COUNTED_MAX = 7;

type Duration = NonNullable<ContainerFacts['duration']>;

/** Everything that is asked about one file. */
interface Reading {
  readonly metered: MeteredInput;
  readonly facts: ContainerFacts;
  readonly tracks: readonly InputTrack[];
  /** Whether we have read the whole index ourselves: what it does not say, the engine does not know either. */
  readonly indexed: boolean;
}

/** Reads headers and index in this process, through ranged reads; what no header tells is asked for within an allowance. */
export class MediabunnyProbe implements MediaProbe {
  async probe(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport> {
    const cached = new RangeCache(source);
    const facts = await readContainerFacts(cached, container, signal);
    const metered = new MeteredInput(cached, container, signal);
    try {
      return await report(metered, facts);
    } catch (error) {
      signal.throwIfAborted();
      if (metered.fault) throw metered.fault;
      if (error instanceof ForgeError) throw error;
      // A limit of the engine and a fault of the file look the same from here: another engine may know.
      throw unsupported('mediabunny cannot read the file', error);
    } finally {
      metered.close();
    }
  }
}

async function report(metered: MeteredInput, facts: ContainerFacts): Promise<ProbeReport> {
  const { input } = metered;
  const container = CONTAINERS[(await input.getFormat()).name] ?? 'unknown';
  const tracks = await input.getTracks();
  refuseBlindSpots(container, tracks, facts);
  const indexed = container === 'mp4' || container === 'mov';
  const reading: Reading = { metered, facts, tracks, indexed };
  const tags = await input.getMetadataTags();
  const duration = facts.duration ?? (await askDuration(reading));
  const { videoTracks, audioTracks } = await describe(reading, duration);
  const durationSeconds = known(duration?.seconds, DURATION_DECIMALS);
  return {
    engine: 'mediabunny',
    container,
    durationSeconds,
    durationSource: durationSeconds === null ? null : (duration?.source ?? null),
    videoTracks,
    audioTracks,
    ...unheard(container, facts),
    hasCover: (tags.images?.length ?? 0) > 0,
    tags: toTags(tags, facts.title),
  };
}

/** Containers that hold sound and nothing else. */
const SOUND_ONLY = ['mp3', 'wav', 'flac', 'adts'];

/** What it never tells, and some containers rule out. */
function unheard(
  container: string,
  { hasChapters }: ContainerFacts,
): Pick<ProbeReport, 'subtitleTracks' | 'chapterCount'> {
  return {
    subtitleTracks: SOUND_ONLY.includes(container) ? [] : null,
    chapterCount: hasChapters === false || container === 'adts' ? 0 : null,
  };
}

/** Mediabunny leaves out what it does not know, without a word. */
function refuseBlindSpots(
  container: string,
  tracks: readonly InputTrack[],
  facts: ContainerFacts,
): void {
  if (tracks.length > TRACKS_MAX) throw tooComplex(`${tracks.length} tracks`);
  if (tracks.length === 0) throw unsupported('mediabunny knows none of the tracks');
  const videos = tracks.filter((track) => track.isVideoTrack()).length;
  const audios = tracks.filter((track) => track.isAudioTrack()).length;
  const handlers = [...facts.tracks.values()].map((track) => track.handler);
  const missed =
    handlers.filter((handler) => handler === 'vide').length > videos ||
    handlers.filter((handler) => handler === 'soun').length > audios ||
    (facts.trackCount ?? 0) > tracks.length ||
    // A transport stream without pictures is rare; MPEG-2 pictures, which it does not know, are not.
    (container === 'mpegts' && videos === 0);
  if (missed) throw unsupported('mediabunny does not know all of the tracks');
}

async function describe(
  reading: Reading,
  duration: Duration | null,
): Promise<{ videoTracks: VideoTrack[]; audioTracks: AudioTrack[] }> {
  const videoTracks: VideoTrack[] = [];
  const audioTracks: AudioTrack[] = [];
  for (const [index, track] of reading.tracks.entries()) {
    const facts = await knowTrack(reading, track, duration);
    if (track.isVideoTrack()) videoTracks.push(await describeVideo(track, index, facts));
    else if (track.isAudioTrack()) audioTracks.push(await describeAudio(track, index, facts));
  }
  return { videoTracks, audioTracks };
}

async function knowTrack(
  { metered, facts, tracks, indexed }: Reading,
  track: InputTrack,
  duration: Duration | null,
): Promise<KnownTrack> {
  const own = facts.tracks.get(track.id);
  const allowance = facts.fragmented ? NOTHING : EXTRA;
  const codecString = await metered.within(allowance, () => track.getCodecParameterString());
  const codecHeader = track.isAudioTrack() ? await askHeader(metered, track, allowance) : null;
  const asks = track.isVideoTrack() && !own?.frameRate && !indexed;
  const frameRate = asks ? await askFrameRate(metered, track) : null;
  return {
    // The only track lasts as long as the file.
    ...(tracks.length === 1 && duration && { durationSeconds: duration.seconds }),
    ...(frameRate && { frameRate }),
    ...own,
    codecString,
    codecHeader,
    tellsChannels: !indexed || tellsChannels(await track.getCodec(), codecHeader),
  };
}

/** Whether the index of an MP4 tells the channels of a track, or the number in it is there for nothing. */
function tellsChannels(codec: string | null, header: Uint8Array | null): boolean {
  if (codec !== 'aac') return !UNTOLD_CHANNELS.includes(codec ?? '');
  const configuration = header ? aacConfiguration(header) : 1;
  return configuration > 0 && configuration <= AAC_COUNTED_MAX;
}

async function askHeader(
  metered: MeteredInput,
  track: InputAudioTrack,
  allowance: ReadAllowance,
): Promise<Uint8Array | null> {
  const config = await metered.within(allowance, () => track.getDecoderConfig());
  const header = config?.description;
  if (header === undefined) return null;
  return ArrayBuffer.isView(header)
    ? new Uint8Array(header.buffer, header.byteOffset, header.byteLength)
    : new Uint8Array(header);
}

/** Where the header says nothing, first and last timestamps do, if they can be reached. */
async function askDuration({ metered, tracks, indexed }: Reading): Promise<Duration | null> {
  if (indexed) return null;
  const { input } = metered;
  const declared = await metered.within(EXTRA, () => input.getDurationFromMetadata());
  if (declared) return { seconds: declared, source: 'container' };
  const seconds = await metered.within(EXTRA, () => spanOf(input, tracks));
  return seconds ? { seconds, source: 'stream' } : null;
}

async function spanOf(input: Input, tracks: readonly InputTrack[]): Promise<number> {
  return (await input.computeDuration([...tracks])) - (await input.getFirstTimestamp([...tracks]));
}

/** The rate of the first frames, where it is steady. */
async function askFrameRate(metered: MeteredInput, track: InputVideoTrack): Promise<number | null> {
  const ask = () => track.computeFrameRateMetrics({ targetPacketCount: FRAMES_LOOKED_AT });
  return (await metered.within(EXTRA, ask))?.underlyingFrameRate ?? null;
}

/** Text that mediabunny keeps as it is in the file, by the names formats give it. */
const RAW_DATES = ['TDRC', 'TYER', 'DATE', '©day', 'ICRD', 'com.apple.quicktime.creationdate'];

function toTags(tags: MetadataTags, title: string | null | undefined): ProbeReport['tags'] {
  const raw = tags.raw ?? {};
  const date = RAW_DATES.map((name) => raw[name]).find(isText);
  const free = raw['TXXX'];
  const comment = free && !isText(free) && 'comment' in free ? String(free['comment']) : null;
  const { artist, album, albumArtist, genre, description, trackNumber, discNumber } = tags;
  return cleanTags({
    ...{ artist, album, albumArtist, genre, description, trackNumber, discNumber },
    title: tags.title ?? title,
    // Parsed, a year becomes the first of January.
    date: date ?? tags.date?.toISOString().slice(0, 10),
    comment: tags.comment ?? comment,
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
