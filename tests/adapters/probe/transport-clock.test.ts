import { describe, expect, it } from 'vitest';
import { readTransportClock } from '#adapters/probe/transport-clock.ts';
import { FileSource, mediaFile } from '../../support/file-source.ts';
import {
  aacFrames,
  type MadeUnit,
  padded,
  picture,
  transportStream,
} from '../../support/transport-stream.ts';

const signal = new AbortController().signal;
const [VIDEO, AUDIO] = [256, 257];

/** Pictures that lie so far apart, each shown where `shown` says. */
const pictures = (
  count: number,
  ticks: number,
  { from = 90_000, shown = (n: number) => n } = {},
): MadeUnit[] =>
  Array.from({ length: count }, (_, n) => ({
    pid: VIDEO,
    pts: Math.round(from + (shown(n) + 2) * ticks),
    dts: Math.round(from + n * ticks),
    payload: picture(),
  }));

const sound = (count: number, from = 90_000): MadeUnit[] =>
  Array.from({ length: count }, (_, n) => ({
    pid: AUDIO,
    streamId: 0xc0,
    pts: from + n * 4 * 1920,
    payload: aacFrames(4),
  }));

const read = (units: readonly MadeUnit[]) =>
  readTransportClock(new FileSource(transportStream(units)), signal);

/** Stored I P B B, shown I B B P. */
const reordered = (n: number): number => n + ([0, 2, -1, -1][n % 4] ?? 0);

describe('readTransportClock', () => {
  it('counts to the end of the last frame, of each track and of all', async () => {
    const clock = await readTransportClock(mediaFile('h264.mpegts'), signal);
    expect(clock?.seconds).toBeCloseTo(1.024, 5);
    expect(clock?.tracks.get(VIDEO)).toMatchObject({ durationSeconds: 1, frameRate: 25 });
    expect(clock?.tracks.get(AUDIO)?.durationSeconds).toBeCloseTo(1.024, 5);
  });

  it('reads the begin and the end of a file, however large', async () => {
    const [head, tail] = [
      transportStream([...pictures(40, 3600), ...sound(10)]),
      transportStream([...pictures(40, 3600, { from: 9_000_000 }), ...sound(9, 9_000_000)]),
    ];
    const source = padded(head, tail, 188 * 20_000_000);
    const clock = await readTransportClock(source, signal);
    expect(clock?.tracks.get(VIDEO)?.durationSeconds).toBeCloseTo(99 + 1.6, 5);
    expect(clock?.seconds).toBeCloseTo(99 + 42 * 0.04, 5);
    expect(source.cost.requests).toBe(2);
    expect(source.cost.bytes).toBeLessThan(1.5 * 1024 * 1024);
  });

  it.each([
    ['30', 3000, 30],
    ['29.97', 3003, 30_000 / 1001],
    ['23.976, rounded', 3753.75, 24_000 / 1001],
    ['59.94, rounded', 1501.5, 60_000 / 1001],
    ['12.5, which nobody means', 7200, 12.5],
  ])('tells a rate of %s from a few pictures', async (_, ticks, rate) => {
    const clock = await read(pictures(10, ticks, { shown: reordered }));
    expect(clock?.tracks.get(VIDEO)?.frameRate).toBeCloseTo(rate, 6);
    expect(clock?.seconds).toBeCloseTo((12 * ticks) / 90_000, 4);
  });

  it('knows no rate of pictures that lie unevenly, and still where they end', async () => {
    const clock = await read(pictures(12, 3000, { shown: (n) => n + Math.floor(n / 3) }));
    expect(clock?.tracks.get(VIDEO)?.frameRate).toBeUndefined();
    expect(clock?.seconds).toBeCloseTo((15 * 3000) / 90_000, 5);
  });

  it('goes on counting where the clock begins anew', async () => {
    const clock = await read(pictures(52, 3600, { from: 2 ** 33 - 25 * 3600, shown: reordered }));
    expect(clock?.seconds).toBeCloseTo(52 / 25, 5);
  });

  it('begins with whichever track begins first', async () => {
    const clock = await read([...pictures(50, 3600), ...sound(2, 90_000 - 1920)]);
    expect(clock?.seconds).toBeCloseTo((52 * 3600 + 1920) / 90_000, 5);
  });

  it.each<[string, readonly MadeUnit[]]>([
    ['two pictures share a time', pictures(20, 3600).map(twoPictures)],
    ['nobody knows the pictures', pictures(20, 3600).map((unit) => ({ ...unit, payload: LOST }))],
    ['nobody counts the sound', [...pictures(9, 3600), { ...one(sound(1)), payload: LOST }]],
    ['there are no times', []],
  ])('says nothing where %s', async (_, units) => {
    expect(await read(units)).toBeNull();
  });

  it('takes no subtitles for sound', async () => {
    const subtitle = { pid: 300, streamId: 0xbd, pts: 90_000_000, payload: LOST };
    const clock = await read([...pictures(9, 3600), subtitle]);
    expect(clock?.seconds).toBeCloseTo(0.36, 5);
    expect([...(clock?.tracks.keys() ?? [])]).toEqual([VIDEO]);
  });
});

const LOST = new Uint8Array(60).fill(0x20);

function one(units: readonly MadeUnit[]): MadeUnit {
  const [unit] = units;
  if (!unit) throw new Error('there is none');
  return unit;
}

function twoPictures(unit: MadeUnit): MadeUnit {
  return { ...unit, payload: Buffer.concat([picture(), picture()]) };
}
