import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MediabunnyProbe } from '#adapters/probe/mediabunny-probe.ts';
import { indexBytes } from '../../bench/probe/boxes.ts';
import { stretch } from '../../bench/probe/stretch.ts';
import { FileSource } from '../support/file-source.ts';

/** Of four seconds, 120 frames. */
const SHORT = 'samples/clip.mp4';
const BYTES = 1_000_000;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streamforge-stretch-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('stretch', () => {
  it.each([true, false])(
    'makes a whole file of many cycles, index first: %s',
    async (indexFirst) => {
      const path = join(directory, `${indexFirst}.mp4`);
      await stretch(SHORT, path, { bytes: BYTES, indexFirst });
      const bytes = new Uint8Array(await readFile(path));
      expect(bytes.length).toBeGreaterThan(BYTES);
      const { signal } = new AbortController();
      const report = await new MediabunnyProbe().probe(new FileSource(bytes), 'mp4', signal);
      const cycles = Math.round((report.durationSeconds ?? 0) / 4);
      expect(cycles).toBeGreaterThan(5);
      expect(report.durationSeconds).toBeCloseTo(cycles * 4, 1);
      expect(report.videoTracks).toMatchObject([{ frameCount: cycles * 120, width: 480 }]);
      expect(report.audioTracks).toHaveLength(1);
      const moov = Buffer.from(bytes).indexOf('moov');
      expect(moov < Buffer.from(bytes).indexOf('mdat')).toBe(indexFirst);
    },
  );

  it('has real media in its first cycle, and an index that is counted', async () => {
    const path = join(directory, 'media.mp4');
    await stretch(SHORT, path, { bytes: BYTES, indexFirst: true });
    const [long, short] = [await readFile(path), await readFile(SHORT)];
    // The first frame, with its parameter sets.
    const first = short.indexOf('mdat') + 4;
    const at = long.indexOf('mdat') + 12;
    expect(long.subarray(at, at + 64).equals(short.subarray(first, first + 64))).toBe(true);
    const file = await open(path);
    const { size } = await stat(path);
    expect(await indexBytes(file, size)).toBe(long.indexOf('mdat') - 4);
    await file.close();
  });
});
