// Fragmented MP4: short ones read whole, long ones by their last fragment.
import { describe, expect, it } from 'vitest';
import { MediabunnyProbe } from '#adapters/probe/mediabunny-probe.ts';
import { FileSource, mediaBytes, mediaFile, sparseFile } from '../../support/file-source.ts';
import { box, concat, FTYP, moov, table, u32, videoTrack } from '../../support/iso-file.ts';

const signal = new AbortController().signal;
const MIB = 1024 * 1024;
const probe = new MediabunnyProbe();

const EMPTY = { stts: table(0), stsz: u32(0, 0, 0), stsc: table(0), stco: table(0) };
const TREX = box('mvex', box('trex', u32(0, 1, 1, 40, 1000, 0)));
const HEAD = concat(FTYP, moov(videoTrack(1, 0, EMPTY), TREX));

/** 25 frames of 40 ms, with their durations from the track's defaults. */
function moof(decodeTime: number, trun = u32(0, 25)): Uint8Array {
  const traf = box(
    'traf',
    box('tfhd', u32(0, 1)),
    box('tfdt', u32(0, decodeTime)),
    box('trun', trun),
  );
  return box('moof', box('mfhd', u32(0, 1)), traf);
}

/** A minute in fragments of one second and 1 MiB, the last of which may be of another size. */
function longFile(tail: Uint8Array, lastBytes = 1000): FileSource {
  const parts = [{ at: 0, bytes: HEAD }];
  let at = HEAD.length;
  for (let second = 0; second < 60; second += 1) {
    const media = second < 59 ? MIB : lastBytes;
    const bytes = concat(moof(second * 1000), u32(8 + media), Buffer.from('mdat'));
    parts.push({ at, bytes });
    at += bytes.length + media;
  }
  return sparseFile(at + tail.length, [...parts, { at, bytes: tail }]);
}

describe('a fragmented MP4', () => {
  it('that is short is read whole', async () => {
    const file = concat(HEAD, moof(0), box('mdat', new Uint8Array(100)), moof(1000), box('mdat'));
    const report = await probe.probe(new FileSource(file), 'mp4', signal);
    expect(report).toMatchObject({ durationSeconds: 2, durationSource: 'stream' });
    expect(report.videoTracks).toMatchObject([{ frameCount: 50, frameRate: 25, bitRate: 200_000 }]);
  });

  it('that is long is read by its last fragment', async () => {
    const source = longFile(new Uint8Array());
    const report = await probe.probe(source, 'mp4', signal);
    expect(report).toMatchObject({ durationSeconds: 60, durationSource: 'stream' });
    expect(report.videoTracks).toMatchObject([{ frameCount: null, frameRate: 25 }]);
    expect(source.cost.requests).toBeLessThanOrEqual(12);
    expect(source.cost.bytes).toBeLessThan(2 * MIB);
  });

  it('that has a table of fragments is read by that, however large the last one', async () => {
    const lastBytes = 5 * MIB;
    const plain = longFile(new Uint8Array(), lastBytes);
    expect(await probe.probe(plain, 'mp4', signal)).toMatchObject({ durationSeconds: null });
    const last = plain.size - lastBytes - 8 - moof(0).length;
    const tfra = box('tfra', u32(0, 1, 0, 1, 59_000, last), new Uint8Array([1, 1, 1]));
    const mfro = box('mfro', u32(0, 8 + tfra.length + 16));
    const source = longFile(box('mfra', tfra, mfro), lastBytes);
    expect(await probe.probe(source, 'mp4', signal)).toMatchObject({ durationSeconds: 60 });
  });

  it('whose last fragment cannot be found has no duration', async () => {
    const source = longFile(box('free', new Uint8Array(2 * MIB)));
    const report = await probe.probe(source, 'mp4', signal);
    expect(report).toMatchObject({ durationSeconds: null, durationSource: null });
  });

  it.each([0.5, 0.8, 0.99])('that is cut at %d of its length is corrupt', async (part) => {
    const whole = mediaBytes('fragmented.mp4');
    const source = new FileSource(whole.slice(0, whole.length * part));
    await expect(probe.probe(source, 'mp4', signal)).rejects.toMatchObject({
      code: 'CORRUPT_MEDIA',
    });
  });

  it.each([
    ['claims 4 000 million samples in no bytes', 'MEDIA_TOO_COMPLEX', u32(0, 4e9)],
    ['claims more samples than it has room for', 'CORRUPT_MEDIA', u32(0x100, 4e9)],
  ])('with a run that %s is refused', async (_, code, trun) => {
    const file = concat(HEAD, moof(0, trun), box('mdat', new Uint8Array(10)));
    await expect(probe.probe(new FileSource(file), 'mp4', signal)).rejects.toMatchObject({ code });
  });

  it('of ffmpeg is what ffprobe says', async () => {
    const report = await probe.probe(mediaFile('fragmented.mp4'), 'mp4', signal);
    expect(report).toMatchObject({ durationSeconds: 1.08, durationSource: 'stream' });
  });
});
