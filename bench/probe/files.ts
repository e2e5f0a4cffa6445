import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FFMPEG, words } from '../../tools/corpus/corpus-file.ts';
import { run } from '../../tools/corpus/run.ts';
import { indexBytes } from './boxes.ts';
import { stretch } from './stretch.ts';

/** A file that every arm reads. */
export interface BenchFile {
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes of an MP4 that are not media; null for the others. */
  readonly indexBytes: number | null;
  readonly isLarge: boolean;
}

interface Plan {
  readonly name: string;
  readonly contentType: string;
  readonly isLarge?: boolean;
  readonly make: (directory: string) => Promise<unknown>;
}

const GIBIBYTE = 1024 ** 3;

const ffmpeg = (args: string) => (directory: string) => run([...FFMPEG, ...words(args)], directory);
const large = (gibibytes: number, indexFirst: boolean): Plan => {
  const name = `${gibibytes} GiB, index ${indexFirst ? 'first' : 'last'}.mp4`;
  const options = { bytes: gibibytes * GIBIBYTE, indexFirst };
  const make = (directory: string) =>
    stretch(join(directory, FIRST), join(directory, name), options);
  return { name, contentType: 'video/mp4', isLarge: true, make };
};

const FIRST = '10 MB, index first.mp4';
const copied = (name: string, contentType: string, args: string): Plan => ({
  name,
  contentType,
  make: (directory) => run([...FFMPEG, '-i', FIRST, ...words(`-c copy ${args}`), name], directory),
});

/** Ten seconds of a noisy picture and a tone are 10 MB; everything else of the kind is made of it. */
const PLANS: readonly Plan[] = [
  {
    name: FIRST,
    contentType: 'video/mp4',
    make: (directory) =>
      run(
        [
          ...FFMPEG,
          ...words('-f lavfi -i testsrc2=size=640x360:rate=30:duration=10,noise=alls=40:allf=t'),
          ...words('-f lavfi -i sine=frequency=440:duration=10:sample_rate=48000'),
          ...words(
            '-c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p -g 60 -b:v 8M -maxrate 8M',
          ),
          ...words('-bufsize 8M -c:a aac -b:a 128k -movflags +faststart'),
          FIRST,
        ],
        directory,
      ),
  },
  copied('10 MB, index last.mp4', 'video/mp4', '-movflags 0'),
  large(1, true),
  large(1, false),
  large(4, true),
  large(4, false),
  copied('fragmented.mp4', 'video/mp4', '-movflags frag_keyframe+empty_moov+default_base_moof'),
  copied('matroska.mkv', 'video/x-matroska', '-f matroska'),
  copied('transport.mpegts', 'video/mp2t', '-f mpegts'),
  {
    name: 'sound.wav',
    contentType: 'audio/wav',
    make: ffmpeg('-f lavfi -i anoisesrc=duration=55:sample_rate=48000 -ac 2 sound.wav'),
  },
  {
    name: 'sound.mp3',
    contentType: 'audio/mpeg',
    make: ffmpeg(
      '-f lavfi -i anoisesrc=duration=120:sample_rate=48000 -c:a libmp3lame -b:a 320k -compression_level 9 sound.mp3',
    ),
  },
  {
    name: 'photograph.jpg',
    contentType: 'image/jpeg',
    make: ffmpeg(
      '-f lavfi -i testsrc2=size=3000x2000,noise=alls=20 -frames:v 1 -q:v 3 photograph.jpg',
    ),
  },
];

/** Makes the files in a directory; without the large ones, where there is no time for them. */
export async function makeFiles(
  directory: string,
  withLarge: boolean,
): Promise<readonly BenchFile[]> {
  const files: BenchFile[] = [];
  for (const { name, contentType, isLarge = false, make } of PLANS) {
    if (isLarge && !withLarge) continue;
    await make(directory);
    const path = join(directory, name);
    const { size } = await stat(path);
    files.push({ name, contentType, size, isLarge, indexBytes: await indexOf(path, size) });
  }
  return files;
}

async function indexOf(path: string, size: number): Promise<number | null> {
  if (!path.endsWith('.mp4')) return null;
  const file = await open(path);
  try {
    return await indexBytes(file, size);
  } finally {
    await file.close();
  }
}
