// What the in-process engine says of real files.
import { describe, expect, it, vi } from 'vitest';
import { MediabunnyProbe } from '#adapters/probe/mediabunny-probe.ts';
import { UNTOLD_VIDEO } from '#adapters/probe/track-truth.ts';
import { mediaProbeContract } from '../../contracts/media-probe.contract.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';

const signal = new AbortController().signal;
const probe = new MediabunnyProbe();

mediaProbeContract('MediabunnyProbe', () => ({ probe }), {
  unknown: ['theora.ogv', 'mpeg2.mpegts', 'mpeg4.avi', 'h264.flv'],
  copiesNothing: 'it reads ranges',
  unstoppable: 'it loops in this thread, which is what ThreadedProbe is for',
  powerless: 'it needs nothing to run',
  impatient: 'whoever asks it bounds the time',
});

describe('MediabunnyProbe', () => {
  it('tells all of a video', async () => {
    const report = await probe.probe(mediaFile('clip.mp4'), 'mp4', signal);
    expect(report).toEqual({
      engine: 'mediabunny',
      container: 'mp4',
      durationSeconds: 4,
      durationSource: 'container',
      videoTracks: [
        {
          index: 0,
          ...UNTOLD_VIDEO,
          codec: 'h264',
          codecString: 'avc1.64001f',
          width: 480,
          height: 270,
          displayWidth: 480,
          displayHeight: 270,
          rotation: 0,
          pixelAspect: '1:1',
          frameRate: 30,
          frameCount: 120,
          frameRateMode: 'constant',
          keyFrameSeconds: 4,
          hasEdits: false,
          bitRate: 118_890,
          durationSeconds: 4,
          language: null,
        },
      ],
      audioTracks: [
        {
          index: 1,
          codec: 'aac',
          codecString: 'mp4a.40.2',
          profile: 'LC',
          channels: 2,
          channelLayout: 'stereo',
          sampleRate: 48_000,
          bitRate: 47_940,
          durationSeconds: 4,
          language: 'deu',
          hasEdits: false,
        },
      ],
      subtitleTracks: null,
      chapterCount: null,
      hasCover: false,
      tags: { title: 'Index at the end' },
    });
  });

  it('reads a QuickTime file that does not say that it is one', async () => {
    const branded = await probe.probe(mediaFile('h264.mov'), 'mov', signal);
    const bytes = mediaBytes('h264.mov');
    bytes.set(new TextEncoder().encode('free'), 4);
    expect(await probe.probe(new FileSource(bytes), 'mov', signal)).toEqual(branded);
  });

  it('finds in the header of plain AAC that more follows', async () => {
    const bytes = mediaBytes('tone.m4a');
    const at = Buffer.from(bytes).indexOf(Buffer.from('0580808005', 'hex')) + 5;
    const told = async (header: string) => {
      bytes.set(Buffer.from(header, 'hex'), at);
      return (await probe.probe(new FileSource(bytes), 'mp4', signal)).audioTracks[0]?.profile;
    };
    expect(await told('130856e500')).toBe('LC');
    expect(await told('130856e598')).toBe('HE-AAC');
  });

  it('leaves to others a transport stream that does not say what one of its streams is', async () => {
    const bytes = mediaBytes('h264.mpegts');
    // In every program map: the kind of the second stream, AAC, becomes "private".
    for (let at = 0; at < bytes.length; at += 188) {
      const kind = Buffer.from(bytes.subarray(at, at + 64)).indexOf('0fe101f0', 'hex');
      if (kind >= 0) bytes[at + kind] = 6;
    }
    await expect(probe.probe(new FileSource(bytes), 'mpegts', signal)).rejects.toMatchObject({
      code: 'UNSUPPORTED_CONTAINER',
    });
  });

  it('tells the size that is shown: turned', async () => {
    const { videoTracks } = await probe.probe(mediaFile('rotated.mp4'), 'mp4', signal);
    expect(videoTracks).toMatchObject([
      { width: 96, height: 64, rotation: 90, displayWidth: 64, displayHeight: 96 },
    ]);
  });

  it('tells the size that is shown: stretched', async () => {
    const { videoTracks } = await probe.probe(mediaFile('anamorphic.mp4'), 'mp4', signal);
    expect(videoTracks).toMatchObject([
      { width: 96, height: 64, pixelAspect: '16:15', displayWidth: 102, displayHeight: 64 },
    ]);
  });

  it.each([
    ['faststart.mp4', 'mp4', 'constant'],
    ['variable.mp4', 'mp4', 'variable'],
  ])('tells whether the frames of %s come at equal distances', async (name, container, mode) => {
    const { videoTracks } = await probe.probe(mediaFile(name), container, signal);
    expect(videoTracks[0]?.frameRateMode).toBe(mode);
  });

  it('tells edits from what encoders put in front', async () => {
    const [plain, edited] = await Promise.all(
      ['faststart.mp4', 'edited.mp4'].map((name) => probe.probe(mediaFile(name), 'mp4', signal)),
    );
    const told = [plain, edited].map((report) => [
      report?.videoTracks[0]?.hasEdits,
      report?.audioTracks[0]?.hasEdits,
    ]);
    expect(told).toEqual([
      [false, false],
      [true, false],
    ]);
  });

  it('knows that there are no chapters where the list of a Matroska file has none', async () => {
    const chapters = await Promise.all(
      ['h264.mkv', 'subtitled.mkv'].map((name) => probe.probe(mediaFile(name), 'matroska', signal)),
    );
    expect(chapters.map(({ chapterCount }) => chapterCount)).toEqual([0, null]);
  });

  it('tells the tags of a song', async () => {
    const { tags } = await probe.probe(mediaFile('tone.mp3'), 'mp3', signal);
    expect(tags).toEqual({
      title: 'Six seconds of C',
      artist: 'The Oscillators',
      album: 'Test Tones',
      genre: 'Electronic',
      date: '2024',
      trackNumber: '3',
    });
  });

  it('tells a title that the engine does not see', async () => {
    const { tags } = await probe.probe(mediaFile('h264.mkv'), 'matroska', signal);
    expect(tags).toEqual({ title: 'Ein Titel' });
  });

  it.each([
    ['clip.mp4', 'mp4', 'container'],
    ['tone.mp3', 'mp3', 'container'],
    ['vbr-no-header.mp3', 'mp3', 'stream'],
    ['fragmented.mp4', 'mp4', 'stream'],
    ['h264.mpegts', 'mpegts', 'stream'],
  ])('tells where the duration of %s is from', async (name, container, source) => {
    expect((await probe.probe(mediaFile(name), container, signal)).durationSource).toBe(source);
  });

  it('names a codec that mediabunny has no name for, and says nothing on the console', async () => {
    const warn = vi.spyOn(console, 'warn');
    // The sample entry `avc1` becomes `mp4v`, whose codec the name alone tells.
    const bytes = Buffer.from(mediaBytes('anamorphic.mp4'));
    bytes.write('jpeg', bytes.lastIndexOf('avc1'), 'latin1');
    const { videoTracks } = await probe.probe(new FileSource(bytes), 'mp4', signal);
    expect(videoTracks).toMatchObject([{ codec: 'mjpeg', codecString: null, width: 96 }]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('keeps tags plain and short', async () => {
    const report = await probe.probe(
      new FileSource(songTitled(`\u001b[31m${'x'.repeat(3000)}\u0000`)),
      'mp3',
      signal,
    );
    expect(report.tags['title']).toBe(`[31m${'x'.repeat(496)}`);
  });
});

/** The sample with another title, as ID3v2.3 writes it. */
function songTitled(title: string): Uint8Array {
  const text = Buffer.concat([Buffer.of(1, 0xff, 0xfe), Buffer.from(title, 'utf16le')]);
  const frame = Buffer.concat([Buffer.from('TIT2'), Buffer.alloc(6), text]);
  frame.writeUInt32BE(text.length, 4);
  const header = Buffer.from('ID3\x03\0\0\0\0\0\0', 'latin1');
  for (let i = 0; i < 4; i += 1) header[6 + i] = (frame.length >> (21 - 7 * i)) & 127;
  return new Uint8Array(Buffer.concat([header, frame, mediaBytes('vbr-no-header.mp3')]));
}
