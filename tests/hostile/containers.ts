/** Containers that ask for too much, contradict themselves, or end too early. */
import { randomBytes } from 'node:crypto';
import { samplesBomb } from '../contracts/media-probe.contract.ts';
import { mediaBytes } from '../support/file-source.ts';
import { box, concat, FTYP, moov, table, u32, videoTrack } from '../support/iso-file.ts';
import { chapters, element, tags, withElements } from './ebml.ts';
import { type HostileFile, hostile } from './hostile-file.ts';

const MEBIBYTE = 1024 * 1024;
const MATROSKA = { contentType: 'video/x-matroska' };

/** Tracks that all say they have so many samples, in a file that has 64 bytes of media. */
function bomb(tracks: number, samples: number): Uint8Array {
  const all = Array.from({ length: tracks }, (_, n) =>
    videoTrack(n + 1, samples, { stsz: u32(0, 1, samples), stco: table(1, 64) }),
  );
  return concat(FTYP, moov(...all), box('mdat', new Uint8Array(64)));
}

/** One sample that lasts so many seconds, and a header that agrees. */
function lasting(seconds: number): Uint8Array {
  const stts = table(1, 1, seconds);
  const track = videoTrack(1, 1, { stts, stsz: u32(0, 64, 1), stco: table(1, 64) });
  const bytes = Buffer.from(concat(FTYP, moov(track), box('mdat', new Uint8Array(64))));
  for (const header of ['mvhd', 'mdhd']) {
    // Behind name, version and two dates: units in a second, and how many of them.
    const at = bytes.indexOf(header) + 16;
    bytes.writeUInt32BE(1, at);
    bytes.writeUInt32BE(seconds, at + 4);
  }
  return bytes;
}

/** A track that is in another file, by the path in its data reference. */
function elsewhere(path: string): Uint8Array {
  const alias = Buffer.alloc(150);
  alias.writeUInt16BE(2, 6);
  const dref = concat(u32(0, 1), box('alis', u32(0), alias, Buffer.from(`\0\x12${path}`)));
  const track = videoTrack(1, 1, { stsz: u32(0, 64, 1), stco: table(1, 64), dref });
  return concat(FTYP, moov(track), box('mdat', new Uint8Array(64)));
}

/** The sample of a WebM with another duration in its header. */
function webmLasting(timestamp: number): Uint8Array {
  const bytes = Buffer.from(mediaBytes('clip.webm'));
  const at = bytes.indexOf(Buffer.from('448988', 'hex'));
  bytes.writeDoubleBE(timestamp, at + 3);
  return bytes;
}

/** A text as large as a tag gets, with everything in it that somebody downstream may run. */
export const NASTY_TITLE = `x\u0001\u001b[31m"\\ </script><img src=x onerror=alert(1)> \ufffd \${jndi:ldap://x} %n=cmd|'/C calc'!A0`;

function nastyTags(): Uint8Array {
  const simple = (name: string, value: Uint8Array | string) =>
    element(0x67c8, element(0x45a3, name), element(0x4487, value));
  const nasty = Buffer.from(NASTY_TITLE.replace('\ufffd', '\xff'), 'latin1');
  const all = [simple('COMMENT', "=cmd|'/C calc'!A0"), simple('ARTIST', 'A'.repeat(100_000))];
  return element(0x1254_c367, element(0x7373, element(0x63c0), simple('TITLE', nasty), ...all));
}

const head = (name: string, share: number): Uint8Array => {
  const bytes = mediaBytes(name);
  return bytes.subarray(0, Math.round(bytes.length * share));
};

/** @param path A file of somebody else's. */
export function badContainers(path: string): readonly HostileFile[] {
  const mkv = mediaBytes('h264.mkv');
  const corrupt = 'CORRUPT_MEDIA';
  const unknown = 'UNSUPPORTED_CONTAINER';
  return [
    hostile('M15', '80 million samples in 656 bytes', corrupt, samplesBomb()),
    hostile('M16', '8 tracks of 20 million samples', corrupt, bomb(8, 20_000_000)),
    hostile('M17', '2 000 tracks', 'MEDIA_TOO_COMPLEX', bomb(2000, 1)),
    hostile('M18', '50 000 tags', 'OK', () => withElements(mkv, tags(50_000)), MATROSKA),
    hostile('M19', '60 000 chapters', 'OK', () => withElements(mkv, chapters(60_000)), MATROSKA),
    hostile('M20', 'tags to be run downstream', 'OK', withElements(mkv, nastyTags()), MATROSKA),
    hostile('M21', 'nothing', 'EMPTY_OBJECT', ''),
    hostile('M22', 'one byte', unknown, '\0'),
    hostile('M22', '5 MB of noise', unknown, randomBytes(5_000_000)),
    hostile('M22', '2 GB of zeros', unknown, '', { size: 2048 * MEBIBYTE }),
    hostile('M22', '2 GB of zeros behind a header', corrupt, FTYP, { size: 2048 * MEBIBYTE }),
    hostile('M23', 'half an MP4 behind its index', corrupt, head('faststart.mp4', 0.5)),
    hostile('M23', 'an MP4 without its index', corrupt, mediaBytes('no-index.mp4')),
    hostile('M23', 'half a fragmented MP4', corrupt, head('fragmented.mp4', 0.5)),
    hostile('M23', 'half a WAV', corrupt, head('tone.wav', 0.5), { contentType: 'audio/wav' }),
    hostile('M24', 'a track of nonsense', corrupt, nonsense()),
    hostile('M25', 'a million hours', corrupt, lasting(3_600_000_000)),
    hostile('M25', 'no time at all', 'OK', lasting(0)),
    hostile('M25', 'a duration of 1e300', corrupt, webmLasting(1e300), {
      contentType: 'video/webm',
    }),
    ...[Number.NaN, -1000, Number.POSITIVE_INFINITY].map((timestamp) =>
      hostile('M25', `a duration of ${timestamp}`, 'OK', webmLasting(timestamp), {
        contentType: 'video/webm',
      }),
    ),
    hostile('M26', 'sound that was declared a video', 'NO_VIDEO_STREAM', mediaBytes('tone.m4a')),
    hostile('M27', 'a track that is in another file', 'OK', elsewhere(path), {
      contentType: 'video/quicktime',
    }),
    ...['-version.flv', '--', '-i file:x'].map((fileName) => named('M28', fileName)),
    ...[
      'concat:a|b',
      'subfile,,start,0,end,0,,:x',
      'http://127.0.0.1:9/x',
      'a%03d.png',
      '../../x\0',
    ].map((fileName) => named('M29', fileName)),
    hostile('M30', 'a VQA with a palette of another size', unknown, vqa()),
  ];
}

/** Good media of which ffprobe gets a copy. */
const named = (id: string, fileName: string): HostileFile =>
  hostile(id, `the name ${JSON.stringify(fileName)}`, 'OK', mediaBytes('mpeg2.mpegts'), {
    contentType: 'video/mp2t',
    fileName,
  });

/** A sample description that is no box. */
function nonsense(): Uint8Array {
  const bytes = Buffer.from(lasting(1));
  const at = bytes.indexOf('mp4v');
  bytes.fill(0, at, at + 70);
  return bytes;
}

/** As in CVE-2019-17542. */
function vqa(): Uint8Array {
  const vqhd = Buffer.alloc(42);
  vqhd.writeUInt16LE(2);
  vqhd.writeUInt16LE(64, 6);
  vqhd.writeUInt16LE(64, 8);
  return concat(
    box('FORM'),
    Buffer.from('WVQA'),
    box('VQHD', vqhd),
    box('CPL0', randomBytes(9000)),
  );
}
