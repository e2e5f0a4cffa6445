// Blocks of a Matroska file, made byte by byte; of real files corpus.test.ts tells.
import { describe, expect, it } from 'vitest';
import { readMatroskaBlocks } from '#adapters/probe/matroska-blocks.ts';
import { FileSource } from '../../support/file-source.ts';
import { concat } from '../../support/iso-file.ts';

const signal = new AbortController().signal;
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

/** An element whose size takes four bytes. */
function element(id: string, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concat(...content);
  return concat(hex(id), hex((0x1000_0000 + body.length).toString(16)), body);
}

const time = (ticks: number) => element('e7', hex(ticks.toString(16).padStart(4, '0')));
const block = (ticks: number, flags = 0, frame = '10', track = 1) =>
  hex(
    `8${track}${ticks.toString(16).padStart(4, '0')}${flags.toString(16).padStart(2, '0')}${frame}`,
  );
const simple = (...of: Parameters<typeof block>) => element('a3', block(...of));
const cluster = (start: number, ...content: readonly Uint8Array[]) =>
  element('1f43b675', time(start), ...content);

const KEY = 0x80;

async function read(bytes: Uint8Array, codecId = 'V_VP9') {
  const plan = { start: 0, secondsPerTick: 0.001, videos: new Map([[1, codecId]]) };
  return (await readMatroskaBlocks(new FileSource(bytes), plan, signal)).get(1);
}

describe('readMatroskaBlocks', () => {
  it('adds the time of a block to that of its cluster', async () => {
    const bytes = concat(
      cluster(0, simple(0, KEY), simple(40)),
      cluster(80, simple(0, KEY), simple(40)),
    );
    expect(await read(bytes)).toEqual({
      ...{ frameCount: 4, frameRate: 25, frameRateMode: 'constant', keyFrameSeconds: 0.08 },
    });
  });

  it('finds a rate that varies', async () => {
    const bytes = cluster(0, simple(0, KEY), simple(40), simple(200));
    expect(await read(bytes)).toMatchObject({ frameRateMode: 'variable', frameCount: 3 });
  });

  it('walks through clusters that do not say how long they are', async () => {
    const live = concat(hex('1f43b67501ffffffffffffff'), time(0), simple(0, KEY), simple(40));
    expect(await read(concat(live, cluster(80, simple(0))))).toMatchObject({ frameCount: 3 });
  });

  it('takes a block that refers to no other for a key frame', async () => {
    const grouped = (ticks: number, refers: boolean) =>
      element('a0', element('a1', block(ticks)), ...(refers ? [element('fb', hex('ff'))] : []));
    const bytes = cluster(0, grouped(0, false), grouped(40, true), grouped(80, false));
    expect(await read(bytes)).toMatchObject({ frameCount: 3, keyFrameSeconds: 0.08 });
  });

  it('leaves out what is never shown, and other tracks', async () => {
    const hidden = simple(41, 0, '00');
    const bytes = cluster(
      0,
      simple(0, KEY),
      simple(40),
      hidden,
      simple(41, 8),
      simple(7, 0, '10', 2),
    );
    expect(await read(bytes, 'V_VP8')).toMatchObject({ frameCount: 2 });
  });

  it('says nothing of several frames in one block', async () => {
    expect(await read(cluster(0, simple(0, KEY), simple(40, 2)))).toBeUndefined();
  });

  it('counts nothing where the file ends in the middle of an element', async () => {
    const bytes = concat(cluster(0, simple(0, KEY), simple(40)), hex('1f43'));
    expect(await read(bytes)).toEqual({});
  });
});
