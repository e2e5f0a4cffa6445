import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '#domain/media-types.ts';
import type { TypeSniffer } from '#ports/type-sniffer.ts';
import { FileSource, mediaBytes, mediaFile } from '../support/file-source.ts';
import { MEDIA_FILES, SOURCE_FAULTS } from './source-fixtures.ts';

const FEW_KILOBYTES = 8 * 1024;
const signal = new AbortController().signal;

const FILES = [
  ...MEDIA_FILES,
  ['portrait.jpg', 'jpeg'],
  ['alpha.png', 'png'],
  ['picture.webp', 'webp'],
  ['picture.gif', 'gif'],
  ['picture.avif', 'avif'],
] as const;

const UNKNOWN: readonly (readonly [string, Uint8Array])[] = [
  ['a text', Buffer.from('This is a text.\n')],
  ['a playlist', Buffer.from('#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n')],
  ['a manifest', Buffer.from('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>')],
  ['a PDF', Buffer.from('%PDF-1.7\n')],
  ['a TIFF', mediaBytes('picture.tiff')],
  ['zeros', new Uint8Array(10_000)],
  ['one byte', new Uint8Array(1)],
  ['nothing', new Uint8Array()],
];

/** Beginnings of files that end anywhere, and that have a hole. */
function damaged(name: string): Uint8Array[] {
  const head = mediaBytes(name).slice(0, FEW_KILOBYTES);
  const places = Array.from({ length: 24 }, (_, i) => i * (i + 1));
  return places.flatMap((at) => [head.slice(0, at), head.slice().fill(255, at, at + 9)]);
}

/** Proves the prose of the `TypeSniffer` port on whatever `open` opens. */
export function typeSnifferContract(name: string, open: () => TypeSniffer): void {
  describe(`${name} keeps the TypeSniffer contract`, () => {
    const sniffer = open();
    const of = (bytes: Uint8Array) => new FileSource(new Uint8Array(bytes));

    it.each(FILES)('knows %s as %s, from a few kilobytes of its beginning', async (file, known) => {
      const source = mediaFile(file);
      expect(await sniffer.sniff(source, signal)).toBe(known);
      expect(source.cost.bytes).toBeLessThanOrEqual(FEW_KILOBYTES);
      expect(Math.max(...source.reads.map(([, end]) => end))).toBeLessThanOrEqual(FEW_KILOBYTES);
    });

    it('has a name for every container that is accepted', () => {
      const known: readonly string[] = FILES.map(([, container]) => container);
      const accepted = MEDIA_TYPES.flatMap(({ containers }) => containers);
      expect(accepted.filter((container) => !known.includes(container))).toEqual([]);
    });

    it.each(UNKNOWN)('does not know %s', async (_, bytes) => {
      expect(await sniffer.sniff(of(bytes), signal)).toBeNull();
    });

    it.each(FILES)('answers whatever becomes of the beginning of %s', async (file) => {
      const answers = damaged(file).map((bytes) => sniffer.sniff(of(bytes), signal));
      const strange = (await Promise.all(answers)).filter(
        (each) => each !== null && !FILES.some(([, container]) => container === each),
      );
      expect(strange).toEqual([]);
    });

    it.each(SOURCE_FAULTS)('passes on the very error of the source: %s', async (fault) => {
      const source = new FileSource(() => {
        throw fault;
      }, 1000);
      await expect(sniffer.sniff(source, signal)).rejects.toBe(fault);
    });

    it('ends with the reason of an abort', async () => {
      const reason = new Error('left');
      const sniffing = sniffer.sniff(mediaFile('clip.mp4'), AbortSignal.abort(reason));
      await expect(sniffing).rejects.toBe(reason);
    });
  });
}
