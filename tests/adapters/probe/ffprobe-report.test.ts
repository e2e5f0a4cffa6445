import { describe, expect, it } from 'vitest';
import { parseFfprobe } from '#adapters/probe/ffprobe-report.ts';

const video = (stream: object = {}): object => ({
  index: 0,
  codec_type: 'video',
  codec_name: 'h264',
  width: 1920,
  height: 1080,
  ...stream,
});

const parse = (streams: readonly object[], format: object = {}) =>
  parseFfprobe(
    JSON.stringify({ format: { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', ...format }, streams }),
    'mov',
  );

describe('parseFfprobe', () => {
  it.each([
    ['version 4 as a tag, clockwise', { tags: { rotate: '90' } }, 90],
    ['version 5 as side data, counterclockwise', { side_data_list: [{ rotation: -90 }] }, 90],
    ['version 5 beside other side data', { side_data_list: [{}, { rotation: 90 }] }, 270],
    ['none', {}, 0],
  ])('reads a rotation told by %s', (_, stream, rotation) => {
    expect(parse([video(stream)]).videoTracks).toMatchObject([{ rotation }]);
  });

  it('believes the magic bytes where ffprobe has one name for several containers', () => {
    expect(parse([video()]).container).toBe('mov');
    expect(parse([video()], { format_name: 'matroska,webm' }).container).toBe('matroska');
  });

  it('knows nothing of what ffprobe does not tell', () => {
    const unknown = {
      codec_name: 'unknown',
      avg_frame_rate: '0/0',
      bit_rate: 'N/A',
      duration: 'N/A',
    };
    expect(parse([video(unknown)], { duration: 'N/A' })).toMatchObject({
      durationSeconds: null,
      durationSource: null,
      videoTracks: [{ codec: null, frameRate: null, bitRate: null, durationSeconds: null }],
    });
  });

  it('takes the longest track where the container does not say how long it is', () => {
    const report = parse([video({ duration: '3' }), { codec_type: 'audio', duration: '4.5' }]);
    expect(report).toMatchObject({ durationSeconds: 4.5, durationSource: 'stream' });
  });

  it('takes a cover for a cover', () => {
    const cover = video({ disposition: { attached_pic: 1 } });
    expect(parse([{ codec_type: 'audio' }, cover])).toMatchObject({
      hasCover: true,
      videoTracks: [],
    });
  });

  it('refuses more tracks than any honest file has', () => {
    const many = (count: number): object[] => new Array(count).fill({ codec_type: 'audio' });
    expect(parse(many(128)).audioTracks).toHaveLength(128);
    expect(() => parse(many(129))).toThrow(expect.objectContaining({ code: 'MEDIA_TOO_COMPLEX' }));
  });

  it('names uncompressed audio as we do', () => {
    const named = ['pcm_s16le', 'pcm_s24be', 'pcm_u8', 'pcm_mulaw', 'aac'].map(
      (codec_name) => parse([{ codec_type: 'audio', codec_name }]).audioTracks[0]?.codec,
    );
    expect(named).toEqual(['pcm-s16', 'pcm-s24be', 'pcm-u8', 'ulaw', 'aac']);
  });

  it.each([
    [
      'a data track',
      '{"format":{"format_name":"avi"},"streams":[{"codec_type":"data"}]}',
      'CORRUPT_MEDIA',
    ],
    [
      'a playlist',
      '{"format":{"format_name":"hls"},"streams":[{"codec_type":"video"}]}',
      'UNSUPPORTED_CONTAINER',
    ],
    ['an array', '[]', 'UNSUPPORTED_CONTAINER'],
    ['null', 'null', 'UNSUPPORTED_CONTAINER'],
    ['nothing', '', 'CORRUPT_MEDIA'],
  ])('does not believe %s', (_, json, code) => {
    expect(() => parseFfprobe(json, 'avi')).toThrow(expect.objectContaining({ code }));
  });
});
