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
  readonly tags?: { readonly language?: string };
  /** Counterclockwise. */
  readonly side_data_list?: readonly { readonly rotation?: number }[];
  readonly disposition: { readonly attached_pic: number };
}

/** What ffprobe says of a file. */
interface FfprobeTruth {
  readonly format: { readonly format_name: string; readonly duration: string };
  readonly streams: readonly FfprobeStream[];
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
  for (const [i, stream] of videos.entries()) expectVideo(report.videoTracks[i], stream);
  for (const [i, stream] of audios.entries()) expectAudio(name, report.audioTracks[i], stream);
  expect(report.hasCover).toBe(streams.length < truth.streams.length);
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
  expectAlike(track, stream);
}

function expectAudio(name: string, track: AudioTrack | undefined, stream: FfprobeStream): void {
  const codec = stream.codec_name === 'pcm_s16le' ? 'pcm-s16' : stream.codec_name;
  const { channels } = stream;
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
