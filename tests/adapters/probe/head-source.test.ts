import { describe, expect, it } from 'vitest';
import { HeadSource } from '#adapters/probe/head-source.ts';
import { mediaSourceContract } from '../../contracts/media-source.contract.ts';
import { FileSource } from '../../support/file-source.ts';
import { storedObject } from '../../support/stored-object.ts';

mediaSourceContract(
  'HeadSource over ObjectSource',
  async (bytes, conditions) => {
    const { source, ...rest } = await storedObject(bytes, conditions);
    return { source: new HeadSource(source), ...rest };
  },
  { inexact: 'it reads the first bytes at once' },
);

const signal = new AbortController().signal;
const KIB = 1024;

describe('HeadSource', () => {
  it('reads the first bytes once, whoever asks for how many of them', async () => {
    const file = new FileSource(Uint8Array.from({ length: 100 * KIB }, (_, n) => n & 255));
    const source = new HeadSource(file);
    expect(await source.read(0, 4, signal)).toEqual(Uint8Array.of(0, 1, 2, 3));
    expect(await source.read(2, 64 * KIB, signal)).toHaveLength(64 * KIB - 2);
    expect(file.reads).toEqual([[0, 64 * KIB]]);
  });

  it('asks for what it has not, where a read goes on behind them', async () => {
    const file = new FileSource(Uint8Array.from({ length: 100 * KIB }, (_, n) => n & 255));
    const source = new HeadSource(file);
    await source.read(0, 4, signal);
    const read = await source.read(KIB + 1, 70 * KIB, signal);
    expect(Buffer.compare(read, await file.read(KIB + 1, 70 * KIB, signal))).toBe(0);
    expect(file.reads.slice(0, 2)).toEqual([
      [0, 64 * KIB],
      [64 * KIB, 70 * KIB],
    ]);
  });

  it('streams a file that is no longer without another request', async () => {
    const file = new FileSource(new Uint8Array(10 * KIB));
    const source = new HeadSource(file);
    await source.read(0, 4, signal);
    const streamed: number[] = [];
    for await (const { length } of source.stream(signal)) streamed.push(length);
    expect(streamed).toEqual([10 * KIB]);
    expect([file.reads.length, file.cost.requests]).toEqual([1, 1]);
  });

  it('reads what goes on behind them as it is asked for', async () => {
    const file = new FileSource(new Uint8Array(100 * KIB));
    const source = new HeadSource(file);
    await source.read(60 * KIB, 70 * KIB, signal);
    expect(file.reads).toEqual([[60 * KIB, 70 * KIB]]);
  });

  it('asks again where it has failed', async () => {
    const source = new HeadSource(new FileSource(new Uint8Array(10)));
    await expect(source.read(0, 4, AbortSignal.abort())).rejects.toThrow();
    expect(await source.read(0, 4, signal)).toHaveLength(4);
  });
});
