import { describe, expect, it } from 'vitest';
import type { ProbeReport } from '#ports/media-probe.ts';
import { describeTimed, readTimed } from '#strategies/timed.ts';
import { AUDIO, declared, finds, sniffs, VIDEO } from '../support/readers.ts';

const signal = new AbortController().signal;

async function outcome(
  report: Partial<ProbeReport>,
  sniffed: string | null = 'mp4',
): Promise<string> {
  const readers = { sniffer: sniffs(sniffed), probe: finds(report) };
  const error = await readTimed(readers, declared('video/mp4'), signal).catch((e) => e);
  return error.code ?? 'read';
}

describe('readTimed', () => {
  it('has the file read by what its magic bytes say', async () => {
    const probe = finds({ container: 'mov' });
    await readTimed({ sniffer: sniffs('mov'), probe }, declared('video/mp4'), signal);
    expect(probe.asked).toEqual(['mov']);
  });

  it('asks no engine where the magic bytes disagree', async () => {
    const probe = finds({});
    const reading = readTimed({ sniffer: sniffs('jpeg'), probe }, declared('video/mp4'), signal);
    await expect(reading).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
    expect(probe.asked).toEqual([]);
  });

  it('refuses what no witness knows, and what they disagree on', async () => {
    expect(await outcome({}, null)).toBe('UNSUPPORTED_CONTAINER');
    expect(await outcome({ container: 'avi' })).toBe('TYPE_MISMATCH');
  });

  it.each<[string, Partial<ProbeReport>]>([
    ['a duration that is not known', { durationSeconds: null, durationSource: null }],
    ['a recording of a month', { durationSeconds: 31 * 24 * 3600 }],
    ['a frame', { durationSeconds: 0.04 }],
    ['no picture', { videoTracks: [] }],
    ['a track whose duration is not known', { videoTracks: [{ ...VIDEO, durationSeconds: null }] }],
  ])('believes %s', async (_, report) => {
    expect(await outcome(report)).toBe('read');
  });

  it.each<[string, Partial<ProbeReport>]>([
    ['no time', { durationSeconds: 0 }],
    ['less than no time', { durationSeconds: -1 }],
    ['NaN', { durationSeconds: Number.NaN }],
    ['for ever', { durationSeconds: Number.POSITIVE_INFINITY }],
    ['30 years', { durationSeconds: 1e9 }],
    ['a track of NaN', { audioTracks: [{ ...AUDIO, durationSeconds: Number.NaN }] }],
    ['no width', { videoTracks: [{ ...VIDEO, width: 0 }] }],
    ['no height', { videoTracks: [{ ...VIDEO, height: 0 }] }],
    ['no width that is shown', { videoTracks: [{ ...VIDEO, displayWidth: 0 }] }],
    ['half a pixel', { videoTracks: [{ ...VIDEO, displayHeight: 0.5 }] }],
    ['a mile of pixels', { videoTracks: [VIDEO, { ...VIDEO, width: 1e6 }] }],
  ])('does not believe %s', async (_, report) => {
    expect(await outcome(report)).toBe('CORRUPT_MEDIA');
  });
});

describe('describeTimed', () => {
  it('knows the bit rate of the file where it knows how long it lasts', async () => {
    const input = declared('video/mp4');
    const report = await finds({}).probe(input.source, 'mp4', signal);
    expect(describeTimed(report, input).bitRate).toBe(800);
    expect(describeTimed({ ...report, durationSeconds: null }, input).bitRate).toBeNull();
  });
});
