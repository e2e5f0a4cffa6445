import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withPrivateCopy } from '#adapters/probe/private-copy.ts';
import type { LocalFile } from '#ports/local-copies.ts';

const signal = new AbortController().signal;

async function* bytes(...chunks: readonly string[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe('withPrivateCopy', () => {
  it('gives all bytes, in a place that nobody else can list, for as long as they are used', async () => {
    let seen: LocalFile | undefined;
    const text = await withPrivateCopy(bytes('ab', 'c'), 3, signal, async (copy) => {
      seen = copy;
      expect(readdirSync(copy.directory)).toHaveLength(1);
      expect(statSync(copy.directory).mode & 0o777).toBe(0o711);
      expect(statSync(copy.path).mode & 0o222).toBe(0);
      return readFileSync(copy.path, 'utf8');
    });
    expect(text).toBe('abc');
    expect(existsSync(seen?.directory ?? '.')).toBe(false);
  });

  it('never takes the same name twice', async () => {
    const name = () => withPrivateCopy(bytes(), 0, signal, async ({ path }) => path);
    expect(await name()).not.toBe(await name());
  });

  it('stops at more bytes than it may take, and leaves none', async () => {
    const copying = withPrivateCopy(bytes('ab', 'cd'), 3, signal, async () => 'copied');
    await expect(copying).rejects.toMatchObject({ code: 'PROBE_BUDGET_EXCEEDED' });
  });

  it('is gone when its use fails', async () => {
    let seen = '.';
    const using = withPrivateCopy(bytes('a'), 1, signal, async ({ directory }) => {
      seen = directory;
      throw new Error('of no use');
    });
    await expect(using).rejects.toThrow('of no use');
    expect(existsSync(seen)).toBe(false);
  });

  it('stops with an abort', async () => {
    const copying = withPrivateCopy(bytes('a'), 1, AbortSignal.abort(), async () => 'copied');
    await expect(copying).rejects.toThrow();
  });
});
