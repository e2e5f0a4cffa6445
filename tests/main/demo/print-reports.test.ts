import { describe, expect, it } from 'vitest';
import type { AudioTrack } from '#domain/metadata.ts';
import { reportText } from '#main/demo/print-reports.ts';
import type { FileReport } from '#main/demo/run-file.ts';
import { anImageMetadata, aVideoMetadata, aVideoTrack } from '../../support/an-asset.ts';

const AUDIO: AudioTrack = {
  index: 1,
  codec: 'aac',
  codecString: 'mp4a.40.2',
  profile: 'LC',
  channels: 2,
  channelLayout: 'stereo',
  sampleRate: 48_000,
  bitRate: 127_999,
  durationSeconds: 59.96,
  language: 'deu',
  hasEdits: false,
};

/** A file that went through, its event included. */
const aReport = (overrides: Partial<FileReport> = {}): FileReport => ({
  id: 'a-1',
  file: 'clip.mp4',
  status: 'COMPLETED',
  metadata: aVideoMetadata({ durationSeconds: 59.96, audioTracks: [AUDIO] }),
  event: {
    eventId: 'e-1',
    type: 'VideoProcessedEvent',
    occurredAt: '2026-01-02T03:04:05.000Z',
    status: 'COMPLETED',
    generation: 1,
    schemaVersion: 1,
    tenant: 'default',
    assetId: 'a-1',
    fileName: 'clip.mp4',
    contentType: 'video/mp4',
    size: 1000,
    correlationId: 'c-1',
  },
  probe: { engine: 'mediabunny', bytesRead: 597_000, requests: 3, ms: 5 },
  derivatives: [],
  timings: { initMs: 1, uploadMs: 2, processMs: 30 },
  ...overrides,
});

/** A file that was refused at the door. */
const refused = (detail: string): FileReport => ({
  id: null,
  file: 'x.exe',
  status: 'REFUSED',
  metadata: null,
  event: null,
  probe: null,
  derivatives: [],
  timings: null,
  failure: { code: 'UNKNOWN_MEDIA_TYPE', detail },
});

/** The cells of every line: two blanks part columns. */
const cells = (text: string): string[][] => text.split('\n').map((line) => line.split(/ {2,}/));

describe('the report of a demo', () => {
  it('shows what was found, as shown on a screen, and what it cost', () => {
    const lines = cells(reportText([aReport()]));
    const cost = ['1.0 KB', '597.0 KB', '3', '30 ms', 'VideoProcessedEvent'];
    expect(lines).toContainEqual([
      'clip.mp4',
      'COMPLETED',
      'mp4',
      '1:00.0',
      '1080 × 1920',
      ...cost,
    ]);
  });

  it('shows every track as coded', () => {
    const tracks = [aVideoTrack({ frameRate: 30_000 / 1001, bitRate: null })];
    const metadata = aVideoMetadata({ videoTracks: tracks, audioTracks: [AUDIO] });
    const lines = cells(reportText([aReport({ metadata })]));
    const format = '1920 × 1080 at 29.97 fps, turned 90°';
    expect(lines).toContainEqual(['clip.mp4', 'video', 'h264', format, '–', '–']);
    const heard = ['48000 Hz, stereo', '128 kbit/s', 'deu'];
    expect(lines).toContainEqual(['clip.mp4', 'audio', 'aac', ...heard]);
  });

  it('shows an image, turned upright', () => {
    const text = reportText([aReport({ file: 'p.jpg', metadata: anImageMetadata() })]);
    expect(text).toContain('3000 × 4000');
    expect(text).toContain('4000 × 3000 srgb, EXIF orientation 6');
  });

  it('shows what is unknown as unknown', () => {
    const track: AudioTrack = { ...AUDIO, codec: null, channels: null, sampleRate: null };
    const metadata = aVideoMetadata({
      durationSeconds: null,
      videoTracks: [],
      audioTracks: [track],
    });
    const lines = cells(reportText([aReport({ metadata })]));
    expect(lines[2]?.slice(2, 5)).toEqual(['mp4', 'unknown', '–']);
    expect(lines).toContainEqual(expect.arrayContaining(['–', '– Hz, –']));
  });

  it('names what went wrong below the tables, on one line that moves no cursor', () => {
    const text = reportText([refused('is\nno\u001b[2J type')]);
    expect(text.split('\n\n')).toHaveLength(2);
    expect(text).toContain('\n\nx.exe: UNKNOWN_MEDIA_TYPE: is no [2J type\n');
    expect(cells(text)).toContainEqual(['x.exe', 'REFUSED', ...Array(7).fill('–'), 'none']);
  });

  it('ends with one line feed', () => {
    expect(reportText([aReport()])).toMatch(/[^\n]\n$/);
  });

  it('shows what was made, and why something was not', () => {
    const derivatives = [
      { name: 'poster', status: 'ready', contentType: 'image/jpeg', size: 34_600 },
      { name: 'storyboard', status: 'unavailable', reason: 'there is no ffmpeg' },
    ] as const;
    const lines = cells(reportText([aReport({ derivatives })]));
    expect(lines).toContainEqual(['clip.mp4', 'poster', 'ready', '34.6 KB', 'image/jpeg']);
    const not = ['clip.mp4', 'storyboard', 'unavailable', '–', 'there is no ffmpeg'];
    expect(lines).toContainEqual(not);
  });
});
