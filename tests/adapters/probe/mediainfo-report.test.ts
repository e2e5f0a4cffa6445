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
    [{ Format: 'VC-3', CodecID: 'AVdh' }, 'dnxhd'],
    [{ Format: 'FFV1', CodecID: 'V_MS/VFW/FOURCC / FFV1' }, 'ffv1'],
    [{ Format: 'HuffYUV', CodecID: 'V_MS/VFW/FOURCC / FFVH' }, 'ffvhuff'],
    [{ Format: 'MPEG-4 Visual', CodecID: 'MP43' }, 'msmpeg4v3'],
    [{ Format: 'MPEG-4 Visual', CodecID: '20' }, 'mpeg4'],
    [{ Format: 'YUV', CodecID: 'I420' }, 'rawvideo'],
    [{ Format: 'YUV', CodecID: 'ULY0' }, 'utvideo'],
    [{ Format: 'Something new' }, null],
    [{ Format: 'constructor' }, null],
  ])('names the codec of %o: %s', (fields, codec) => {
    expect(video(fields)?.codec).toBe(codec);
  });

  it.each([
    [{ Format: 'MPEG Audio', Format_Profile: 'Layer 2' }, 'mp2'],
    [{ Format: 'MPEG Audio', CodecID: '55' }, 'mp3'],
    [{ Format: 'E-AC-3' }, 'eac3'],
    [{ Format: 'WMA', Format_Version: '2', CodecID: '161' }, 'wmav2'],
    [{ Format: 'PCM', BitDepth: '16', Format_Settings_Endianness: 'Little' }, 'pcm-s16'],
    [{ Format: 'PCM', BitDepth: '24', Format_Settings_Endianness: 'Big' }, 'pcm-s24be'],
    [{ Format: 'PCM', BitDepth: '8', Format_Settings_Sign: 'Unsigned' }, 'pcm-u8'],
    [{ Format: 'PCM', BitDepth: '32', Format_Profile: 'Float' }, 'pcm-f32'],
    [{ Format: 'PCM' }, null],
    [{ Format: 'ADPCM', Format_Settings_Firm: 'ShockWave', CodecID: '1' }, 'adpcm_swf'],
    [{ Format: 'ADPCM', Format_Profile: 'A-law', CodecID: '7' }, 'alaw'],
    [{ Format: 'ADPCM' }, null],
  ])('names the codec of %o: %s', (fields, codec) => {
    expect(audio(fields)?.codec).toBe(codec);
  });

  it('knows the rate of what has one by its id in an FLV', () => {
    const flv = { ...GENERAL, Format: 'Flash Video' };
    const sound = { '@type': 'Audio', Format: 'ADPCM', CodecID: '7', SamplingRate: '5500' };
    expect(parse([flv, sound], 'flv').audioTracks[0]?.sampleRate).toBe(8000);
    expect(parse([GENERAL, sound]).audioTracks[0]?.sampleRate).toBe(5500);
  });

  it('tells a picture that is cropped by the whole one and by what is shown', () => {
    const fields = { Width: '600', Sampled_Width: '640', Sampled_Height: '360' };
    expect(video(fields)).toMatchObject({ width: 640, height: 360, displayWidth: 600 });
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

  it('counts neither frames nor bits, and does not say whether the rate varies: it guesses that', () => {
    const amounts = { FrameCount: '7', BitRate: '9', FrameRate_Mode: 'CFR' };
    const [track] = parse(
      [
        { ...GENERAL, Format: 'AVI' },
        { ...VIDEO, ...amounts },
      ],
      'avi',
    ).videoTracks;
    expect(track).toMatchObject({ frameCount: null, bitRate: null, frameRateMode: null });
  });

  it('does not take from an FLV how long its tracks are', () => {
    const read = (Format: string, sniffed: string) =>
      parse(
        [
          { ...GENERAL, Format },
          { ...VIDEO, Duration: '9' },
        ],
        sniffed,
      ).videoTracks[0];
    expect(read('Flash Video', 'flv')?.durationSeconds).toBeNull();
    expect(read('AVI', 'avi')?.durationSeconds).toBe(9);
  });

  it('knows an MP4 that is called by a brand', () => {
    const branded = { ...GENERAL, Format: 'XAVC', CodecID: 'XAVC' };
    expect(parse([branded, VIDEO], 'mp4').container).toBe('mp4');
    expect(() => parse([{ ...branded, CodecID: '' }, VIDEO], 'mp4')).toThrow();
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
