// What MediaInfo says of real files when it reads them alone.
import { describe, expect, it } from 'vitest';
import { AllowedSource } from '#adapters/probe/allowed-source.ts';
import { MediainfoProbe } from '#adapters/probe/mediainfo-probe.ts';
import { mediaProbeContract } from '../../contracts/media-probe.contract.ts';
import { FileSource, mediaBytes, sparseFile } from '../../support/file-source.ts';

const signal = new AbortController().signal;
const probe = new MediainfoProbe();

mediaProbeContract('MediainfoProbe', () => ({ probe }), {
  unknown: [
    ...['tone.mp3', 'vbr-no-header.mp3', 'cover.mp3', 'tone.wav', 'tone.flac', 'tone.aac'],
    ...['tone.opus', 'theora.ogv'],
  ] as const,
  untrue: {
    'h264.mpegts': 'it takes the clock of a transport stream for its duration',
    'variable.mp4': 'it counts what the edit list leaves out',
    'edited.mp4': 'it counts the pause of the edit list',
    'mpeg2.mpegts': 'it takes the clock of a transport stream for its duration',
  },
  copiesNothing: 'it reads ranges',
  powerless: 'it needs nothing to run',
  impatient: 'whoever asks it bounds the time',
});

describe('MediainfoProbe', () => {
  it('tells of an FLV without a duration when its last tag begins', async () => {
    const bytes = Buffer.from(mediaBytes('h264.flv'));
    bytes.write('duratiox', bytes.indexOf('duration'), 'latin1');
    // Too long to be read through: what is in between nobody sees.
    const tag = Buffer.from([18, 0, 0, 0, 0, 0x13, 0x88, 0, 0, 0, 0, 0, 0, 0, 11]);
    const size = 40_000_000;
    const source = sparseFile(size, [
      { at: 0, bytes },
      { at: size - tag.length, bytes: tag },
    ]);
    const allowed = new AllowedSource(source, { requests: 4, bytes: 200_000 });
    const report = await probe.probe(allowed, 'flv', signal);
    expect(report).toMatchObject({ durationSeconds: 5, durationSource: 'stream' });
  });

  it('tells of what it was given before the source refused', async () => {
    const whole = mediaBytes('h264.mkv');
    const long = new FileSource((start, end) => {
      const bytes = new Uint8Array(end - start);
      bytes.set(whole.subarray(start, end));
      return bytes;
    }, 40_000_000);
    const source = new AllowedSource(long, { requests: 1, bytes: 1 });
    const report = await new MediainfoProbe({ trusts: ['matroska'] }).probe(
      source,
      'matroska',
      signal,
    );
    expect(report.videoTracks).toMatchObject([{ profile: 'High', frameCount: null }]);
    expect(long.cost.requests).toBe(1);
  });
});
