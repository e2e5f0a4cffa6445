import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { AudioTrack, VideoTrack } from '#domain/metadata.ts';
import type { ProbeReport } from '#ports/media-probe.ts';

/** A stream as ffprobe describes it; numbers are text, as in its JSON. */
interface FfprobeStream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly avg_frame_rate: string;
  readonly nb_frames?: string;
  readonly bit_rate?: string;
  readonly duration?: string;
  readonly channels?: number;
  readonly sample_rate?: string;
  readonly profile?: string;
  readonly level?: number;
  readonly field_order?: string;
  readonly pix_fmt?: string;
  readonly channel_layout?: string;
  readonly r_frame_rate: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
  readonly tags?: { readonly language?: string };
  /** Counterclockwise. */
  readonly side_data_list?: readonly { readonly rotation?: number }[];
  readonly disposition: { readonly attached_pic: number };
}

/** What ffprobe says of a file. */
interface FfprobeTruth {
  readonly format: { readonly format_name: string; readonly duration: string };
  readonly streams: readonly FfprobeStream[];
  readonly chapters: readonly unknown[];
}

/** By file name, as captured when `tools/make-samples.sh` made the files. */
const TRUTHS: ReadonlyMap<string, FfprobeTruth> = new Map(
  readFileSync(new URL('../fixtures/media/ffprobe.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ file, ffprobe }) => [file, ffprobe]),
);

/** Where we differ from ffprobe's duration, and why. */
const DURATIONS: Readonly<Record<string, { readonly seconds: number; readonly because: string }>> =
  {
    'h264.mpegts': { seconds: 1.024, because: 'ffprobe counts to where the last sound begins' },
    'tone.opus': { seconds: 1, because: 'ffprobe counts samples that decoders drop' },
    'vbr-no-header.mp3': {
      seconds: 6.024,
      because: 'ffprobe divides by the first bit rate it sees',
    },
  };

/** Holds a report of a file against what ffprobe says of it. Null in the report is never a contradiction. */
export function expectTruth(name: string, report: ProbeReport): void {
  const truth = TRUTHS.get(name);
  if (!truth) throw new Error(`nobody has asked ffprobe about ${name}`);
  const seconds = DURATIONS[name]?.seconds ?? Number(truth.format.duration);
  expect(report.durationSeconds).toBeCloseTo(seconds, 2);
  expect(truth.format.format_name.split(',')).toContain(
    { adts: 'aac' }[report.container] ?? report.container,
  );
  const streams = truth.streams.filter(({ disposition }) => disposition.attached_pic === 0);
  const videos = streams.filter(({ codec_type }) => codec_type === 'video');
  const audios = streams.filter(({ codec_type }) => codec_type === 'audio');
  expect(report.videoTracks).toHaveLength(videos.length);
  expect(report.audioTracks).toHaveLength(audios.length);
  for (const [i, { nb_frames, ...stream }] of videos.entries()) {
    // The header of an AVI counts frames that are empty.
    const counted = nb_frames !== undefined && report.container !== 'avi';
    expectVideo(report.videoTracks[i], counted ? { ...stream, nb_frames } : stream);
  }
  for (const [i, stream] of audios.entries()) expectAudio(name, report.audioTracks[i], stream);
  expect(report.hasCover).toBe(streams.length < truth.streams.length);
  if (report.chapterCount !== null) expect(report.chapterCount).toBe(truth.chapters.length);
  const subtitles = streams.filter(({ codec_type }) => codec_type === 'subtitle');
  const told = subtitles.map(({ codec_name, tags }) => [codec_name, tags?.language ?? null]);
  const found = report.subtitleTracks?.map(({ codec, language }) => [codec, language]);
  if (found) expect(found).toEqual(told);
}

function expectVideo(track: VideoTrack | undefined, stream: FfprobeStream): void {
  const { width, height, sample_aspect_ratio, avg_frame_rate } = stream;
  const rotation = stream.side_data_list?.[0]?.rotation ?? 0;
  expect(track).toMatchObject({ codec: stream.codec_name, width, height });
  expect(track?.pixelAspect).toBe(sample_aspect_ratio);
  expect(track?.rotation).toBe((360 - rotation) % 360);
  const [frames, seconds] = avg_frame_rate.split('/').map(Number);
  if (frames && seconds) expect(track?.frameRate).toBeCloseTo(frames / seconds, 3);
  if (track?.frameCount && stream.nb_frames)
    expect(track.frameCount).toBe(Number(stream.nb_frames));
  expectPicture(track, stream);
  expectAlike(track, stream);
}

/** Codecs whose profiles and levels have the same names everywhere. */
const LEVEL_UNITS: Readonly<Record<string, number>> = { h264: 10, hevc: 30 };

function expectPicture(track: VideoTrack | undefined, stream: FfprobeStream): void {
  const { pix_fmt = '', field_order, avg_frame_rate, r_frame_rate } = stream;
  const [, chroma, bits] = /^yuvj?(4\d\d)p(\d+)?/.exec(pix_fmt) ?? [];
  const units = LEVEL_UNITS[stream.codec_name];
  const isPlain = field_order === 'progressive';
  const truth = {
    ...(units && { profile: stream.profile, level: String((stream.level ?? 0) / units) }),
    ...(chroma && { chromaSubsampling: [...chroma].join(':'), bitDepth: Number(bits ?? 8) }),
    ...(field_order && { scanType: isPlain ? 'progressive' : 'interlaced' }),
    ...colours(stream),
    ...(avg_frame_rate !== r_frame_rate && { frameRateMode: 'variable' }),
  };
  const told = Object.entries(track ?? {}).filter(([, value]) => value !== null);
  expect({ ...truth, ...Object.fromEntries(told) }).toMatchObject(truth);
}

function colours(stream: FfprobeStream) {
  const said = {
    colourPrimaries: stream.color_primaries,
    colourTransfer: stream.color_transfer,
    colourMatrix: stream.color_space,
    colourRange: stream.color_range,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function expectAudio(name: string, track: AudioTrack | undefined, stream: FfprobeStream): void {
  const codec = stream.codec_name === 'pcm_s16le' ? 'pcm-s16' : stream.codec_name;
  const { channels } = stream;
  if (track?.profile && stream.profile) expect(track.profile).toBe(stream.profile);
  if (track?.channelLayout) {
    expect(track.channelLayout).toBe(stream.channel_layout ?? track.channelLayout);
  }
  expect(track).toMatchObject({ codec, channels, sampleRate: Number(stream.sample_rate) });
  // Its bit rate and duration of this stream come from one and the same wrong guess.
  if (!(name in DURATIONS)) expectAlike(track, stream);
}

function expectAlike(track: VideoTrack | AudioTrack | undefined, stream: FfprobeStream): void {
  const language = stream.tags?.language;
  expect(track?.language).toBe(language === undefined || language === 'und' ? null : language);
  if (track?.bitRate && stream.bit_rate) {
    expect(Math.abs(track.bitRate / Number(stream.bit_rate) - 1)).toBeLessThan(0.001);
  }
  if (track?.durationSeconds && stream.duration) {
    expect(track.durationSeconds).toBeCloseTo(Number(stream.duration), 3);
  }
}
