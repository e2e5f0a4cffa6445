import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import type { MediaProbe } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { FileSource, mediaBytes, mediaFile } from '../support/file-source.ts';
import { box, concat, FTYP, moov, table, u32, videoTrack } from '../support/iso-file.ts';
import { expectTruth } from '../support/probe-truth.ts';
import { itUnless } from './it-unless.ts';
import { MEDIA_FILES, SOURCE_FAULTS } from './source-fixtures.ts';

type FileName = (typeof MEDIA_FILES)[number][0];

/** What an engine reads, and where it is known to differ. */
export interface MediaProbeTraits {
  /** Files that it does not know, and says so, for another engine to try. */
  readonly unknown?: readonly FileName[];
  /** Files of which it says something else than the truth, and why. */
  readonly untrue?: Partial<Record<FileName, string>>;
  /** Why it takes no copy of a Theora file. */
  readonly copiesNothing?: string;
  /** Why a damaged file may keep it for ever. */
  readonly unstoppable?: string;
  /** A probe whose engine for a Theora file cannot run; or why there is none. */
  readonly powerless: (() => MediaProbe) | string;
  /** A probe that has no time for a read; or why there is none. */
  readonly impatient: (() => MediaProbe) | string;
}

const signal = new AbortController().signal;
const of = (bytes: Uint8Array) => new FileSource(new Uint8Array(bytes));

/** A damaged start for which mediabunny 1.61 looks for ever. */
const endless = (): Uint8Array => mediaBytes('clip.webm').fill(0, 46, 56);

/** 80 million samples of one byte, in a file that has 64 bytes of media. */
export function samplesBomb(): Uint8Array {
  const samples = 80_000_000;
  const track = videoTrack(1, samples, { stsz: u32(0, 1, samples), stco: table(1, 64) });
  return concat(FTYP, moov(track), box('mdat', new Uint8Array(64)));
}

const dash = (at: string): string =>
  `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" mimeType="video/mp4"><BaseURL>${at}/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`;
const hls = (at: string): string =>
  `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${at}/a.ts\n#EXT-X-ENDLIST\n`;

/** A source whose bytes never come: a read ends when it is aborted, a turn later. */
class SilentSource extends FileSource {
  /** What is silent; the rest brings its bytes. */
  readonly #silent: 'read' | 'stream';
  readonly begun = Promise.withResolvers<void>();
  open = 0;

  constructor(bytes: Uint8Array, silent: 'read' | 'stream') {
    super(bytes);
    this.#silent = silent;
  }

  override async read(start: number, end: number, its: AbortSignal): Promise<Uint8Array> {
    return this.#silent === 'read' ? this.#wait(its) : super.read(start, end, its);
  }

  override async *stream(its: AbortSignal): AsyncIterable<Uint8Array> {
    if (this.#silent === 'stream') yield await this.#wait(its);
    else yield* super.stream(its);
  }

  async #wait(its: AbortSignal): Promise<never> {
    this.open += 1;
    this.begun.resolve();
    try {
      return await new Promise<never>((_, reject) => {
        if (its.aborted) reject(its.reason);
        its.addEventListener('abort', () => reject(its.reason), { once: true });
      });
    } finally {
      this.open -= 1;
    }
  }
}

/** Every value in a report, by where it is. */
function values(report: unknown, path = ''): [string, unknown][] {
  if (typeof report !== 'object' || report === null) return [[path, report]];
  return Object.entries(report).flatMap(([name, value]) => values(value, `${path}/${name}`));
}

/** Proves the prose of the `MediaProbe` port on whatever `open` opens. */
export function mediaProbeContract(
  name: string,
  open: () => { readonly probe: MediaProbe; readonly close?: () => Promise<void> },
  traits: MediaProbeTraits,
): void {
  const { unknown = [], untrue = {}, copiesNothing, unstoppable, powerless, impatient } = traits;

  // Processes and threads start late on a machine that is busy.
  describe(`${name} keeps the MediaProbe contract`, { timeout: 30_000 }, () => {
    let probe: MediaProbe;
    let close: (() => Promise<void>) | undefined;
    beforeAll(() => {
      ({ probe, close } = open());
    });
    afterAll(() => close?.());

    const read = (source: MediaSource, container: string, its = signal) =>
      probe.probe(source, container, its);

    describe('truth', () => {
      for (const [file, container] of MEDIA_FILES.filter(([each]) => !unknown.includes(each))) {
        itUnless(untrue[file], `says of ${file} what a newer ffprobe says`, async () => {
          const report = await read(mediaFile(file), container);
          expect(report.container).toBe(container);
          expectTruth(file, report);
        });

        it(`says of ${file} what it knows, and null for the rest`, async () => {
          const report = await read(mediaFile(file), container);
          const strange = values(report).filter(
            ([, value]) => value === undefined || value === '' || Number.isNaN(value),
          );
          expect(strange).toEqual([]);
          expect(report.engine).toMatch(/^\w+(\+\w+)?$/);
          expect(report.durationSource === null).toBe(report.durationSeconds === null);
        });
      }

      for (const [file, container] of MEDIA_FILES.filter(([each]) => unknown.includes(each))) {
        it(`says of ${file} that it does not know it`, async () => {
          await expect(read(mediaFile(file), container)).rejects.toMatchObject({
            code: 'UNSUPPORTED_CONTAINER',
            kind: 'permanent',
          });
        });
      }

      it.each([
        ['has no index', 'no-index.mp4'],
        ['ends before its index says', 'truncated-faststart.mp4'],
      ])('calls a file corrupt that %s', async (_, file) => {
        await expect(read(mediaFile(file), 'mp4')).rejects.toMatchObject({
          name: 'ForgeError',
          code: 'CORRUPT_MEDIA',
          kind: 'permanent',
        });
      });

      it.each([
        ['nothing', new Uint8Array()],
        ['noise', Uint8Array.from({ length: 5000 }, (_, i) => (i * 97) % 251)],
        ['a text', mediaBytes('text.mp4')],
      ])('makes no report of %s', async (_, bytes) => {
        for (const container of ['mp4', 'ogg', 'mp3', 'avi']) {
          const error = await read(of(bytes), container).catch((e: unknown) => e);
          expect(error).toMatchObject({ kind: 'permanent' });
          expect(error).toHaveProperty(
            'code',
            expect.stringMatching(/^(CORRUPT_MEDIA|UNSUPPORTED_CONTAINER)$/),
          );
        }
      });
    });

    describe('containment', () => {
      it.each([
        ['DASH', dash],
        ['HLS', hls],
      ])('asks nobody for what a playlist of %s names', async (_, playlist) => {
        let hits = 0;
        const canary = createServer((_request, response) => {
          hits += 1;
          response.end();
        });
        await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
        const address = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
        for (const container of ['mp4', 'flv']) {
          const reading = read(of(Buffer.from(playlist(address))), container);
          await expect(reading).rejects.toMatchObject({ kind: 'permanent' });
        }
        await new Promise((resolve) => canary.close(resolve));
        expect(hits).toBe(0);
      });

      it('refuses a file of 656 bytes that asks for gigabytes, at once', async () => {
        const bomb = of(samplesBomb());
        expect(bomb.size).toBeLessThan(800);
        const start = performance.now();
        await expect(read(bomb, 'mp4')).rejects.toMatchObject({ code: 'CORRUPT_MEDIA' });
        expect(performance.now() - start).toBeLessThan(5000);
      });

      itUnless(unstoppable, 'ends where a damaged file leads nowhere, and reads on', async () => {
        const wall = AbortSignal.timeout(1500);
        const error = await read(of(endless()), 'webm', wall).then(
          () => null,
          (e: unknown) => e,
        );
        expect([null, wall.reason]).toContain(error instanceof ForgeError ? null : error);
        expect(await read(mediaFile('clip.mp4'), 'mp4')).toMatchObject({ durationSeconds: 4 });
      });

      itUnless(
        typeof impatient === 'string' ? impatient : undefined,
        'says PROBE_TIMEOUT where reading takes too long',
        async () => {
          if (typeof impatient === 'string') throw new Error(impatient);
          await expect(impatient().probe(of(endless()), 'webm', signal)).rejects.toMatchObject({
            code: 'PROBE_TIMEOUT',
            kind: 'permanent',
          });
        },
      );
    });

    describe('cancellation', () => {
      it('reads nothing for whoever has left', async () => {
        const reason = new Error('left');
        const source = mediaFile('clip.mp4');
        await expect(read(source, 'mp4', AbortSignal.abort(reason))).rejects.toBe(reason);
        expect(source.cost.requests).toBe(0);
      });

      const leave = async (source: SilentSource, container: string): Promise<void> => {
        const controller = new AbortController();
        const reason = new Error('lost the lease');
        const reading = read(source, container, controller.signal);
        const ended = reading.catch(() => source.open);
        await source.begun.promise;
        controller.abort(reason);
        await expect(reading).rejects.toBe(reason);
        expect(await ended).toBe(0);
      };

      it('ends its reads before it rejects with the reason', async () => {
        await leave(new SilentSource(mediaBytes('clip.webm'), 'read'), 'webm');
      });

      itUnless(copiesNothing, 'ends its copy before it rejects with the reason', async () => {
        await leave(new SilentSource(mediaBytes('theora.ogv'), 'stream'), 'ogg');
      });
    });

    describe('errors', () => {
      it.each(SOURCE_FAULTS)('passes on the very error of a first read: %s', async (fault) => {
        const source = new FileSource(() => {
          throw fault;
        }, 1000);
        await expect(read(source, 'mp4')).rejects.toBe(fault);
      });

      it.each(SOURCE_FAULTS)('passes on the very error of a later read: %s', async (fault) => {
        const bytes = mediaBytes('clip.webm');
        const source = new FileSource((start, end) => {
          if (end > 70_000) throw fault;
          return bytes.slice(start, end);
        }, bytes.length);
        await expect(read(source, 'webm')).rejects.toBe(fault);
      });

      itUnless(
        typeof powerless === 'string' ? powerless : undefined,
        'says PROBE_UNAVAILABLE where no engine can run',
        async () => {
          if (typeof powerless === 'string') throw new Error(powerless);
          const reading = powerless().probe(mediaFile('theora.ogv'), 'ogg', signal);
          await expect(reading).rejects.toMatchObject({
            code: 'PROBE_UNAVAILABLE',
            kind: 'transient',
          });
        },
      );
    });
  });
}
