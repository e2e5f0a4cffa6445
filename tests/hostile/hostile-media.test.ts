// Files that mean harm, one by one, through everything a worker reads them through, in a process that is watched from
// outside: how each ends, what it takes, what it leaves behind, and that nobody outside was asked for anything.
import { readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mediaBytes } from '../support/file-source.ts';
import { listen } from '../support/loopback-server.ts';
import { MediaReader, type Reading } from '../support/media-reader.ts';
import { slowdown } from '../support/slowdown.ts';
import { badContainers, NASTY_TITLE } from './containers.ts';
import { HEAVY_IMAGES } from './heavy-images.ts';
import type { HostileFile } from './hostile-file.ts';
import { badImages } from './images.ts';
import { playlists } from './playlists.ts';

const WALL_MS = 10_000;
const MEMORY_BYTES_MAX = 512 * 1024 * 1024;

let hits = 0;
/** Whoever asks it was told to by a file. */
const canary = await listen(
  createServer((_request, response) => {
    hits += 1;
    response.end();
  }),
);
const directory = await mkdtemp(join(tmpdir(), 'streamforge-hostile-'));
const bait = { url: canary.url, path: join(directory, 'somebody.ts') };
const PLAYLISTS = playlists(bait);
// The heavy ones first, while nobody's garbage is counted with them.
const FILES = [...HEAVY_IMAGES, ...PLAYLISTS, ...badContainers(bait.path), ...badImages()];
const GOOD = FILES.filter(({ code, id }) => code === 'OK' && !/^M2[89]$/.test(id));

let reader: MediaReader;

beforeAll(async () => {
  writeFileSync(bait.path, mediaBytes('h264.mpegts'));
  // What is made of good files has limits of its own, and a test below.
  reader = await MediaReader.open({ DERIVATIVES: 'none' });
  // The first file of a process waits for ffprobe's jail to be tried.
  await reader.read(store({ bytes: mediaBytes('h264.flv') }), 'video/x-flv');
}, 180_000);

beforeEach(() => {
  hits = 0;
});

afterAll(async () => {
  await reader.close();
  await canary.close();
  await rm(directory, { recursive: true });
});

/** Puts it where an object's bytes are. */
function store({ bytes, size }: Pick<HostileFile, 'bytes' | 'size'>, name = 'object'): string {
  const path = join(directory, name);
  writeFileSync(path, typeof bytes === 'function' ? bytes() : bytes);
  if (size !== undefined) truncateSync(path, size);
  return path;
}

/** Whether a file has been read since this was last asked. */
function wasRead(path: string): boolean {
  const before = new Date('2000-01-01');
  const { atimeMs } = statSync(path);
  utimesSync(path, before, new Date());
  return atimeMs !== before.getTime();
}

/** Some file systems do not write down when they are read. */
function seesReads(): boolean {
  const path = store({ bytes: mediaBytes('text.mp4') });
  wasRead(path);
  readFileSync(path);
  return wasRead(path);
}

/** What holds whatever the file is. */
function expectContained(reading: Reading): void {
  expect(reading.ms).toBeLessThanOrEqual(WALL_MS * slowdown());
  expect(reading.ownPeakBytes).toBeLessThanOrEqual(MEMORY_BYTES_MAX);
  expect(reading.childPeakBytes).toBeLessThanOrEqual(MEMORY_BYTES_MAX);
  expect([reading.childrenLeft, reading.filesLeft]).toEqual([0, []]);
  expect(reading.unclean).toEqual([]);
  expect(hits).toBe(0);
}

describe('a hostile file', { timeout: 180_000 }, () => {
  it.each(FILES)('$id: $what ends as $code', async (file) => {
    wasRead(bait.path);
    const { contentType, fileName, code } = file;
    const reading = await reader.read(store(file), contentType, fileName ? { fileName } : {});
    const { code: got, kind, message, cause } = reading;
    expect({ got, message, cause }).toMatchObject({ got: code });
    if (code !== 'OK') expect(kind).toBe('permanent');
    expectContained(reading);
    if (seesReads()) expect(wasRead(bait.path)).toBe(false);
  });

  // Whatever fools the first witness comes to the next one.
  it.each(PLAYLISTS)('$id: $what, taken for an AVI, is contained by the jail', async (file) => {
    wasRead(bait.path);
    const how = { unsniffed: true };
    const reading = await reader.read(store(file), 'video/x-msvideo', how);
    expect(reading.code).toMatch(/^(UNSUPPORTED_CONTAINER|CORRUPT_MEDIA|NO_VIDEO_STREAM)$/);
    expect(reading.kind).toBe('permanent');
    expectContained(reading);
    if (seesReads()) expect(wasRead(bait.path)).toBe(false);
  });

  it('is said of in words that nobody runs: M20', async () => {
    const file = FILES.find(({ id }) => id === 'M20');
    if (!file) throw new Error('there is no M20');
    const { result } = await reader.read(store(file), file.contentType);
    if (result?.metadata.kind !== 'video') throw new Error('this is no video');
    const { tags } = result.metadata;
    expect(Object.keys(tags)).toEqual(expect.arrayContaining(['title', 'comment']));
    expect(tags['title']).toContain('</script>');
    for (const value of Object.values(tags)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(value).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(value.length).toBeLessThan(NASTY_TITLE.length + 1000);
    }
  });

  it('that makes ffprobe crash ends alone: M30', async () => {
    const script = join(directory, 'ffprobe.sh');
    const good = `{"format":{"format_name":"wav","duration":"1"},"streams":[{"codec_type":"audio"}]}`;
    // The last argument is the file, behind `file:`.
    const text = `#!/bin/sh\nfor file; do :; done\nread -r head < "\${file#file:}"\ncase "$head" in FLV*) kill -s SEGV $$;; esac\necho '${good}'\n`;
    writeFileSync(script, text, { mode: 0o755 });
    const crashing = await MediaReader.open({
      PROBE_ENGINE: 'ffprobe',
      FFPROBE_PATH: script,
      DERIVATIVES: 'none',
    });
    try {
      const path = store({ bytes: mediaBytes('h264.flv') });
      const reading = await crashing.read(path, 'video/x-flv');
      expect(reading).toMatchObject({ code: 'MEDIA_TOO_COMPLEX', kind: 'permanent' });
      expectContained(reading);
      const next = await crashing.read(store({ bytes: mediaBytes('portrait.jpg') }), 'image/jpeg');
      expect(next.code).toBe('OK');
    } finally {
      await crashing.close();
    }
  });

  // What is measured is what files take, and not the garbage of others before them: so images have a process of their own.
  it.each([
    ['a file', GOOD.filter(({ id }) => id !== 'I17')],
    ['a heavy image', GOOD.filter(({ id }) => id === 'I17')],
  ])('that ends well leaves nothing behind for what is made of it either: %s', async (_, files) => {
    const making = await MediaReader.open();
    try {
      for (const file of files) {
        await making.settledRssBytes();
        const reading = await making.read(store(file), file.contentType);
        const left = [reading.code, reading.childrenLeft, reading.filesLeft];
        expect([file.what, ...left]).toEqual([file.what, 'OK', 0, []]);
        expect(reading.ownPeakBytes).toBeLessThanOrEqual(MEMORY_BYTES_MAX);
        expect(reading.childPeakBytes).toBeLessThanOrEqual(MEMORY_BYTES_MAX);
      }
      expect(hits).toBe(0);
    } finally {
      await making.close();
    }
  });

  it('of which there are many at once takes no more memory than alone: I16', async () => {
    const images = await MediaReader.open({ DERIVATIVES: 'none' });
    try {
      const many = Array.from({ length: 4 }, () => GOOD.filter(({ id }) => id === 'I17')).flat();
      const read = many.map(async (file, at) => {
        const path = store(file, `image-${at}`);
        return { what: file.what, ...(await images.read(path, file.contentType)) };
      });
      for (const { what, code, ownPeakBytes, childrenLeft, filesLeft } of await Promise.all(read)) {
        expect([what, code, childrenLeft, filesLeft]).toEqual([what, 'OK', 0, []]);
        expect(ownPeakBytes).toBeLessThanOrEqual(MEMORY_BYTES_MAX);
      }
    } finally {
      await images.close();
    }
  });

  it('leaves the worker as it was: the worst of them, again and again, take no more', async () => {
    const again = FILES.filter(({ id }) => /^(M1[5-9]|I17)$/.test(id));
    let settledBytes = await reader.settledRssBytes();
    let grownBytes = Number.POSITIVE_INFINITY;
    // The allocator keeps what it may need again, so a round or two may add to it: a leak adds to every one.
    for (let round = 0; round < 5 && grownBytes > MEMORY_BYTES_MAX / 16; round++) {
      for (const file of again) await reader.read(store(file), file.contentType);
      const bytes = await reader.settledRssBytes();
      grownBytes = bytes - settledBytes;
      settledBytes = bytes;
    }
    expect(grownBytes).toBeLessThanOrEqual(MEMORY_BYTES_MAX / 16);
    expect(settledBytes).toBeLessThan(MEMORY_BYTES_MAX);
    expect(reader.threads).toBeLessThan(40);
  });
});

/** Rows that are no file: they are about how files are read, and name the test that shows it. */
const NO_FILE = ['M2', 'M4', 'I16'];

describe('docs/hostile-media.md', () => {
  it('tells of every file, and of none that is not tried', () => {
    const text = readFileSync('docs/hostile-media.md', 'utf8');
    const told = [...text.matchAll(/^\| ([MI]\d+) \|/gm)].map(([, id]) => id);
    const tried = new Set(FILES.map(({ id }) => id));
    expect(told.toSorted()).toEqual([...tried, ...NO_FILE].toSorted());
  });
});
