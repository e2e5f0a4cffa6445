import { describe, expect, it } from 'vitest';
import { AllowedSource } from '#adapters/probe/allowed-source.ts';
import { RangeCache } from '#adapters/probe/range-cache.ts';
import { FileSource } from '../../support/file-source.ts';

const signal = new AbortController().signal;
const file = () => new FileSource(new Uint8Array(1000));
const refused = { code: 'PROBE_BUDGET_EXCEEDED', kind: 'permanent' };

describe('AllowedSource', () => {
  it('refuses what comes after the last request', async () => {
    const source = new AllowedSource(file(), { requests: 2, bytes: 1000 });
    await source.read(0, 1, signal);
    await source.read(1, 2, signal);
    await expect(source.read(2, 3, signal)).rejects.toMatchObject(refused);
    expect([source.cost, source.fault]).toEqual([{ requests: 2, bytes: 2 }, undefined]);
  });

  it('refuses what comes after the last byte', async () => {
    const source = new AllowedSource(file(), { requests: 9, bytes: 100 });
    await source.read(0, 100, signal);
    await expect(source.read(100, 101, signal)).rejects.toMatchObject(refused);
  });

  it('counts from when it was made, and not what a cache answers', async () => {
    const cache = new RangeCache(file());
    await cache.read(0, 1000, signal);
    const source = new AllowedSource(cache, { requests: 1, bytes: 1 });
    for (let at = 0; at < 10; at += 1) await source.read(at, at + 1, signal);
    expect(source.cost.requests).toBe(1);
  });

  it('allows what a cache holds, where nothing more is allowed', async () => {
    const cache = new RangeCache(new FileSource(new Uint8Array(100_000)));
    await cache.read(0, 1, signal);
    const source = new AllowedSource(cache, { requests: 0, bytes: 0 });
    expect(await source.read(10, 20, signal)).toHaveLength(10);
    await expect(source.read(60_000, 70_000, signal)).rejects.toMatchObject(refused);
  });

  it('remembers what the source failed with', async () => {
    const fault = new Error('down');
    const broken = new FileSource(() => {
      throw fault;
    }, 10);
    const source = new AllowedSource(broken, { requests: 1, bytes: 1 });
    await expect(source.read(0, 1, signal)).rejects.toBe(fault);
    expect(source.fault).toBe(fault);
  });

  it('is the source otherwise', async () => {
    const below = file();
    const source = new AllowedSource(below, { requests: 0, bytes: 0 });
    expect([source.size, source.etag]).toEqual([below.size, below.etag]);
    for await (const chunk of source.stream(signal)) expect(chunk).toHaveLength(1000);
    expect(below.cost).toEqual({ requests: 1, bytes: 1000 });
  });
});
