import { extname } from 'node:path';
import { declaredType } from './declared-type.ts';

/** One file, and the command that makes it in the directory. */
export interface CorpusFile {
  readonly name: string;
  readonly contentType: string;
  readonly args: readonly string[];
  /** Files it is made from. */
  readonly from?: readonly string[];
  /** A text it is made from. */
  readonly text?: { readonly name: string; readonly content: string };
  /** It is broken on purpose: reading it has to fail with this code. */
  readonly fails?: string;
}

const FORMATS: Readonly<Record<string, string>> = {
  '.mpegts': 'mpegts',
  '.weba': 'webm',
  '.mka': 'matroska',
};

export const FFMPEG = ['ffmpeg', '-v', 'error', '-nostdin', '-y'];
const EXACT = [
  '-fflags',
  '+bitexact',
  '-flags:v',
  '+bitexact',
  '-flags:a',
  '+bitexact',
  '-threads',
  '1',
];

export const words = (text: string): readonly string[] => text.split(' ').filter(Boolean);

export const picture = (filter: string, seconds = 1): readonly string[] => [
  ...['-f', 'lavfi', '-i', `testsrc2=duration=${seconds}:${filter}`],
];
export const tone = (more = '', seconds = 1): readonly string[] => [
  ...['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}:sample_rate=48000${more}`],
];

export const V = picture('size=96x64:rate=25');
export const A = tone();
export const AV = [...V, ...A];
export const H264 = words('-c:v libx264 -preset veryfast -crf 34 -pix_fmt yuv420p');
export const H265 = words(
  '-c:v libx265 -preset ultrafast -crf 34 -x265-params log-level=none:pools=none',
);
export const VP9 = words('-c:v libvpx-vp9 -crf 50 -b:v 0 -deadline realtime -cpu-used 8');
export const AAC = words('-c:a aac -b:a 48k');

/** Made by ffmpeg: what goes in, and how; words of a string are arguments of their own. */
export function file(name: string, ...args: readonly (string | readonly string[])[]): CorpusFile {
  const format = FORMATS[extname(name)];
  const output = [...EXACT, ...(format ? ['-f', format] : []), name];
  const given = args.flatMap((each) => (typeof each === 'string' ? words(each) : each));
  return { name, contentType: declaredType(name), args: [...FFMPEG, ...given, ...output] };
}

/** The same streams in another container. */
export const remuxed = (name: string, source: string, more: string | readonly string[] = '') => ({
  ...file(name, ['-i', source], '-map 0 -c copy', more),
  from: [source],
});

/** The first bytes of another file. */
export const cut = (name: string, source: string, percent: number, fails: string): CorpusFile => ({
  ...file(name),
  args: ['sh', '-c', `head -c $(($(wc -c < ${source}) * ${percent} / 100)) ${source} > ${name}`],
  from: [source],
  fails,
});

export const SUBTITLES = {
  name: 'words.srt',
  content: '1\n00:00:00,100 --> 00:00:00,500\nOne\n\n2\n00:00:00,600 --> 00:00:00,900\nTwo\n',
};

export const CHAPTERS = {
  name: 'chapters.txt',
  content: `;FFMETADATA1\ntitle=Chapters\n${[0, 300, 600]
    .map((at) => `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${at}\nEND=${at + 300}\ntitle=C${at}\n`)
    .join('')}`,
};

/** Every third frame is left out of a second half: no rate holds for all of it. */
export const UNEVEN = ['-vf', "select='if(gt(t,0.5),not(mod(n,3)),1)'", '-vsync', 'vfr'];

export const colour = (primaries: string, transfer: string, matrix: string): readonly string[] =>
  words(
    `-color_primaries ${primaries} -color_trc ${transfer} -colorspace ${matrix} -color_range tv`,
  );

export const HDR10 =
  'log-level=none:pools=none:hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400';
