/** Texts that make a careless demuxer open something else: on the network, on the disk, or themselves. */
import { type HostileFile, hostile } from './hostile-file.ts';

const dash = (baseUrl: string, doctype = ''): string =>
  `<?xml version="1.0"?>${doctype}<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" mimeType="video/mp4"><BaseURL>${baseUrl}</BaseURL></Representation></AdaptationSet></Period></MPD>`;

const hls = (segment: string): string =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${segment}\n#EXT-X-ENDLIST\n`;

const master = (uri: string, count = 1): string =>
  `#EXTM3U\n${`#EXT-X-STREAM-INF:BANDWIDTH=1\n${uri}\n`.repeat(count)}`;

/** Entities of entities: 10^9 of them. */
const LAUGHS = `<!DOCTYPE MPD [<!ENTITY l0 "ha">${Array.from(
  { length: 9 },
  (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`,
).join('')}]>`;

const SDP =
  'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 45454 RTP/AVP 96\na=rtpmap:96 H264/90000\n';

/** `size` in four bytes, little-endian, behind a name. */
function chunk(name: string, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  const even = Buffer.alloc(body.length % 2);
  return Buffer.concat([Buffer.from(name, 'latin1'), size, body, even]);
}

/** An AVI whose only track is text, and whose text is a playlist: what "gen_xbin_avi" makes. */
function aviWithSubtitles(text: string): Uint8Array {
  const list = (name: string, ...content: readonly Uint8Array[]) =>
    chunk('LIST', Buffer.from(name), ...content);
  const numbers = (...values: readonly number[]) => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [n, value] of values.entries()) bytes.writeInt32LE(value, n * 4);
    return bytes;
  };
  const avih = chunk('avih', numbers(40_000, 25_000, 0, 0x10, 1, 0, 1, 0, 64, 64, 0, 0, 0, 0));
  const strh = chunk('strh', Buffer.from('txts\0\0\0\0'), numbers(0, 0, 0, 1, 25, 0, 25, 0, -1, 0));
  const strl = list('strl', strh, chunk('strf', numbers(0)));
  const playlist = Buffer.from(text);
  const gab2 = Buffer.concat([
    Buffer.from('GAB2\0\x02\0', 'latin1'),
    numbers(2),
    Buffer.from('x\0\x04\0', 'latin1'),
    numbers(playlist.length),
    playlist,
  ]);
  return chunk(
    'RIFF',
    Buffer.from('AVI '),
    list('hdrl', avih, strl),
    list('movi', chunk('00tx', gab2)),
  );
}

/** What playlists point at. */
export interface Bait {
  /** Where a server counts who asks. */
  readonly url: string;
  /** A file of somebody else's, good media, its path absolute. */
  readonly path: string;
}

/** Every playlist, each naming the bait. None of them is a format that is let in, whatever its name says. */
export function playlists({ url, path }: Bait): readonly HostileFile[] {
  const refused = 'UNSUPPORTED_CONTAINER';
  const avi = { contentType: 'video/x-msvideo' };
  return [
    hostile('M1', 'DASH that names an address', refused, dash(`${url}/m1.mp4`)),
    hostile('M3', 'HLS that names an address', refused, hls(`${url}/m3.ts`)),
    hostile('M5', 'HLS that names a file of somebody else', refused, hls(`file://${path}`)),
    hostile('M6', 'HLS that names a file of the system', refused, hls('file:///etc/passwd')),
    hostile('M7', 'ffconcat with a name', refused, 'ffconcat version 1.0\nfile seg.ts\n'),
    hostile('M8', 'ffconcat with a path', refused, `ffconcat version 1.0\nfile ${path}\n`),
    hostile('M8', 'ffconcat with an address', refused, `ffconcat version 1.0\nfile ${url}/m8\n`),
    hostile(
      'M9',
      'DASH with an entity from a file',
      refused,
      dash('&x;', `<!DOCTYPE MPD [<!ENTITY x SYSTEM "file://${path}">]>`),
    ),
    hostile(
      'M9',
      'DASH with an entity from an address',
      refused,
      dash('&x;', `<!DOCTYPE MPD [<!ENTITY x SYSTEM "${url}/m9">]>`),
    ),
    hostile('M10', 'DASH with a billion laughs', refused, dash('&l9;', LAUGHS)),
    hostile('M11', 'SDP', refused, SDP),
    hostile('M12', 'HLS that names itself', refused, master('in', 50)),
    hostile('M13', 'HLS of a concat of both', refused, hls(`concat:${url}/m13|file://${path}`)),
    hostile('M13', 'HLS of HLS', refused, master(`${url}/m13.m3u8`)),
    hostile(
      'M14',
      'AVI with HLS in its text',
      'CORRUPT_MEDIA',
      aviWithSubtitles(hls(`${url}/m14.ts`)),
      avi,
    ),
  ];
}
