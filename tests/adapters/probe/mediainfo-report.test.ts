// What becomes of what MediaInfo says: names, kinds, and nothing that makes no sense.
import { describe, expect, it } from 'vitest';
import { hdrKind, layoutOf } from '#adapters/probe/mediainfo-names.ts';
import { parseMediainfo } from '#adapters/probe/mediainfo-report.ts';

type Fields = Readonly<Record<string, unknown>>;

const GENERAL = { '@type': 'General', Format: 'Matroska', Duration: '10.5' };
const VIDEO = { '@type': 'Video', Format: 'AVC', Width: '640', Height: '360' };

const parse = (tracks: readonly Fields[], sniffed = 'matroska', cut = false) =>
  parseMediainfo(JSON.stringify({ media: { track: tracks } }), { sniffed, cut });
const video = (fields: Fields) => parse([GENERAL, { ...VIDEO, ...fields }]).videoTracks[0];
const audio = (fields: Fields) =>
  parse([GENERAL, { '@type': 'Audio', Format: 'AAC', ...fields }]).audioTracks[0];

describe('parseMediainfo', () => {
  it.each([
    [{ Format: 'MPEG Video', Format_Version: '2' }, 'mpeg2video'],
    [{ Format: 'MPEG Video', Format_Version: 'Version 1' }, 'mpeg1video'],
    [{ Format: 'HEVC' }, 'hevc'],
    [{ Format: 'Something new' }, null],
    [{ Format: 'constructor' }, null],
  ])('names the codec of %o: %s', (fields, codec) => {
    expect(video(fields)?.codec).toBe(codec);
  });

  it.each([
    [{ Format: 'MPEG Audio', Format_Profile: 'Layer 2' }, 'mp2'],
    [{ Format: 'MPEG Audio', CodecID: '55' }, 'mp3'],
    [{ Format: 'E-AC-3' }, 'eac3'],
  ])('names the codec of %o: %s', (fields, codec) => {
    expect(audio(fields)?.codec).toBe(codec);
  });

  it('takes the first of what is told twice', () => {
    expect(video({ Format_Profile: 'High / High', Format_Level: '3.1 / 4' })).toMatchObject({
      profile: 'High',
      level: '3.1',
    });
  });

  it('takes the codec’s word for the channels', () => {
    const fields = { Channels: '2', Channels_Original: '1', ChannelLayout_Original: 'M' };
    expect(audio(fields)).toMatchObject({ channels: 1, channelLayout: 'mono' });
  });

  it.each([
    ['LC', 'LC'],
    ['LC SBR', 'HE-AAC'],
    ['LC SBR PS', 'HE-AACv2'],
    ['', null],
  ])('names the profile of AAC with %o: %s', (features, profile) => {
    expect(audio({ Format_AdditionalFeatures: features })?.profile).toBe(profile);
  });

  it('does not take the length of the file for that of a track', () => {
    const extra = { Duration_Source: 'General_Duration' };
    expect(video({ Duration: '9', extra })?.durationSeconds).toBeNull();
    expect(video({ Duration: '9' })?.durationSeconds).toBe(9);
  });

  it.each(['matroska', 'mp4'])('counts frames and bits of an AVI only, not of a %s', (sniffed) => {
    const amounts = { FrameCount: '7', BitRate: '9' };
    const read = (Format: string, as: string) =>
      parse(
        [
          { ...GENERAL, Format },
          { ...VIDEO, ...amounts },
        ],
        as,
      ).videoTracks[0]?.frameCount;
    expect(read('AVI', 'avi')).toBe(7);
    expect(read(sniffed === 'mp4' ? 'MPEG-4' : 'Matroska', sniffed)).toBeNull();
  });

  it('turns and stretches what is shown', () => {
    expect(video({ Rotation: '90.000', PixelAspectRatio: '1.067' })).toMatchObject({
      ...{ width: 640, height: 360, rotation: 90, pixelAspect: '16:15' },
      ...{ displayWidth: 360, displayHeight: 683 },
    });
  });

  it('counts chapters, and does not know of any where it was cut before their place', () => {
    const menu = { '@type': 'Menu', extra: { _00_00_00_000: 'a', _00_01_00_000: 'b', section: 1 } };
    expect(parse([GENERAL, VIDEO, menu], 'matroska', true).chapterCount).toBe(2);
    expect(parse([GENERAL, VIDEO]).chapterCount).toBe(0);
    expect(parse([GENERAL, VIDEO], 'matroska', true).chapterCount).toBeNull();
    const mp4 = { ...GENERAL, Format: 'MPEG-4' };
    expect(parse([mp4, VIDEO], 'mp4', true).chapterCount).toBe(0);
  });

  it('tells a cover from a picture that moves', () => {
    expect(parse([GENERAL, VIDEO, { '@type': 'Image' }]).hasCover).toBe(true);
    expect(parse([{ ...GENERAL, Cover: 'Yes' }, VIDEO]).hasCover).toBe(true);
    expect(parse([GENERAL, VIDEO]).hasCover).toBe(false);
  });

  it('keeps the tags on the list, cleaned', () => {
    const general = { ...GENERAL, Track: 'A\u0007b', Album_Performer: 'C', Location: 'Home' };
    expect(parse([general, VIDEO]).tags).toEqual({ title: 'A b', albumArtist: 'C' });
  });

  it.each([
    ['no JSON', '{', 'CORRUPT_MEDIA'],
    ['null', 'null', 'UNSUPPORTED_CONTAINER'],
    ['tracks that are none', '{"media":{"track":{"@type":"General"}}}', 'UNSUPPORTED_CONTAINER'],
    ['nonsense', '{"media":{"track":[1,null,"x",[]]}}', 'UNSUPPORTED_CONTAINER'],
    [
      'a playlist',
      '{"media":{"track":[{"@type":"General","Format":"HLS"}]}}',
      'UNSUPPORTED_CONTAINER',
    ],
    ['no tracks', '{"media":{"track":[{"@type":"General","Format":"AVI"}]}}', 'CORRUPT_MEDIA'],
  ])('makes no report of %s', (_, json, code) => {
    expect(() => parseMediainfo(json, { sniffed: 'avi', cut: false })).toThrow(
      expect.objectContaining({ code, kind: 'permanent' }),
    );
  });

  it('refuses more tracks than any honest file has', () => {
    const tracks = Array.from({ length: 129 }, () => VIDEO);
    expect(() => parse([GENERAL, ...tracks])).toThrow(
      expect.objectContaining({ code: 'MEDIA_TOO_COMPLEX' }),
    );
  });
});

describe('hdrKind', () => {
  it.each([
    ['Dolby Vision / SMPTE ST 2086', 'HDR10 / HDR10', 'smpte2084', 'dolby-vision'],
    ['SMPTE ST 2094 App 4 / SMPTE ST 2086', 'HDR10+ Profile B / HDR10', 'smpte2084', 'hdr10plus'],
    ['SMPTE ST 2086', 'HDR10', 'smpte2084', 'hdr10'],
    ['', '', 'smpte2084', 'pq'],
    ['', '', 'arib-std-b67', 'hlg'],
    ['', '', 'bt709', 'sdr'],
    ['', '', null, null],
  ])('of %o, compatible with %o, at %s is %s', (formats, compatible, transfer, kind) => {
    expect(hdrKind(formats, compatible, transfer)).toBe(kind);
  });
});

describe('layoutOf', () => {
  it.each([
    ['M', 'mono'],
    ['R L', 'stereo'],
    ['C L R Ls Rs LFE', '5.1'],
    ['L R C LFE Lb Rb Ls Rs', '7.1'],
    ['L R Tfl', null],
    ['', null],
  ])('%o is %s', (speakers, layout) => {
    expect(layoutOf(speakers)).toBe(layout);
  });
});
