import { describe, expect, it } from 'vitest';
import { type ErrorKind, ForgeError } from '#domain/errors.ts';
import { MEDIA_TYPES, type MediaKind, type MediaType } from '#domain/media-types.ts';
import type { ImageReader } from '#ports/image-reader.ts';
import type { MediaProbe } from '#ports/media-probe.ts';
import type { Strategy } from '#ports/strategy.ts';
import type { TypeSniffer } from '#ports/type-sniffer.ts';
import { declared, finds, PORTRAIT, sniffs } from '../support/readers.ts';

/** Who reads files for a strategy. */
export interface Readers {
  readonly sniffer: TypeSniffer;
  readonly probe: MediaProbe;
  readonly images: ImageReader;
  /** The name of who `probe` and `images` are. */
  readonly engine: string;
}

/** Readers that do as they are told, and how often whoever reads the file was asked. */
interface Told {
  readonly sniffed: string | null;
  readonly container: string;
  /** What reading the file comes to, in place of a report. */
  readonly reading?: (signal: AbortSignal) => Promise<never>;
  readonly sniffing?: (signal: AbortSignal) => Promise<never>;
}

const ENGINE = 'stub';
const signal = new AbortController().signal;

function readers({ sniffed, container, reading, sniffing }: Told) {
  let reads = 0;
  const told: Readers = {
    engine: ENGINE,
    sniffer: sniffing ? { sniff: (_, its) => sniffing(its) } : sniffs(sniffed),
    probe: {
      probe: (source, as, its) => {
        reads += 1;
        return reading ? reading(its) : finds({ container }).probe(source, as, its);
      },
    },
    images: {
      read: async (_, its) => {
        reads += 1;
        return reading ? reading(its) : { ...PORTRAIT, format: container };
      },
    },
  };
  return { told, reads: () => reads };
}

/** Somebody who takes some turns to leave when the signal says so. */
function slow() {
  const begun = Promise.withResolvers<void>();
  const state = { ended: false };
  const work = async (its: AbortSignal): Promise<never> => {
    begun.resolve();
    await new Promise<void>((resolve) => {
      if (its.aborted) resolve();
      its.addEventListener('abort', () => resolve(), { once: true });
    });
    await new Promise((resolve) => setImmediate(resolve));
    state.ended = true;
    throw its.reason;
  };
  return { begun: begun.promise, state, work };
}

const BLAMES: readonly (readonly [string, ErrorKind, unknown])[] = [
  ['the bytes', 'permanent', new ForgeError('CORRUPT_MEDIA', 'permanent', 'cut off')],
  ['the budget', 'permanent', new ForgeError('PROBE_BUDGET_EXCEEDED', 'permanent', 'too dear')],
  ['the store', 'transient', new ForgeError('OBJECT_STORE_UNAVAILABLE', 'transient', 'down')],
  ['the engine', 'transient', new ForgeError('PROBE_UNAVAILABLE', 'transient', 'no ffprobe')],
];

/** Proves the prose of the `Strategy` port on whatever `open` opens for a kind of media. */
export function strategyContract(
  name: string,
  kind: MediaKind,
  open: (readers: Readers) => Strategy,
): void {
  describe(`${name} keeps the Strategy contract`, () => {
    const types = MEDIA_TYPES.filter((type) => type.kind === kind);
    const agreeing = types.flatMap((type) => type.containers.map((c) => [type.type, c] as const));
    const [type, container] = agreeing[0] ?? ['', ''];
    const others = MEDIA_TYPES.flatMap(({ containers }) => containers).filter(
      (each) => !types.find((row: MediaType) => row.type === type)?.containers.includes(each),
    );

    const analyse = (told: Partial<Told>, its = signal) => {
      const { told: made, reads } = readers({ sniffed: container, container, ...told });
      return { analysing: open(made).analyse(declared(type), its), reads };
    };

    it('is of its kind', () => {
      expect(open(readers({ sniffed: null, container }).told).kind).toBe(kind);
    });

    it.each(agreeing)('tells what it found of %s in %s', async (contentType, found) => {
      const { told } = readers({ sniffed: found, container: found });
      const analysis = await open(told).analyse(declared(contentType), signal);
      expect(analysis).toMatchObject({
        engine: ENGINE,
        metadata: {
          kind,
          container: found,
          mimeType: contentType,
          size: 1000,
          strategy: kind,
          strategyVersion: expect.any(Number),
        },
        derivatives: [],
      });
    });

    it('reads no file whose magic bytes nobody knows', async () => {
      const { analysing, reads } = analyse({ sniffed: null });
      await expect(analysing).rejects.toMatchObject({
        name: 'ForgeError',
        code: 'UNSUPPORTED_CONTAINER',
        kind: 'permanent',
      });
      expect(reads()).toBe(0);
    });

    it.each(others)('reads no file that begins as %s', async (sniffed) => {
      const { analysing, reads } = analyse({ sniffed });
      await expect(analysing).rejects.toMatchObject({
        name: 'ForgeError',
        code: 'TYPE_MISMATCH',
        kind: 'permanent',
      });
      expect(reads()).toBe(0);
    });

    it.each(others)('does not take a file for its type that turns out to be %s', async (found) => {
      await expect(analyse({ container: found }).analysing).rejects.toMatchObject({
        name: 'ForgeError',
        code: 'TYPE_MISMATCH',
        kind: 'permanent',
      });
    });

    it.each(BLAMES)('passes on the very error that blames %s (%s)', async (_, __, error) => {
      const failing = () => Promise.reject(error);
      await expect(analyse({ sniffing: failing }).analysing).rejects.toBe(error);
      await expect(analyse({ reading: failing }).analysing).rejects.toBe(error);
    });

    it.each(['sniffing', 'reading'] as const)(
      'ends what is %s before it rejects with the reason',
      async (step) => {
        const controller = new AbortController();
        const reason = new Error('lost the lease');
        const { begun, state, work } = slow();
        const { analysing } = analyse({ [step]: work }, controller.signal);
        const ended = analysing.catch(() => state.ended);
        await begun;
        controller.abort(reason);
        await expect(analysing).rejects.toBe(reason);
        expect(await ended).toBe(true);
      },
    );
  });
}
