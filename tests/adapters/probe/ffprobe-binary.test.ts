// The bundled ffprobe is eight years old and reads what strangers send: it runs only if it is the very one that is known.
import { appendFileSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { path as bundled } from 'ffprobe-static';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { locateFfprobe } from '#adapters/probe/ffprobe-binary.ts';

const mocked = vi.hoisted(() => ({ path: '' }));
vi.mock('ffprobe-static', async (importOriginal) => {
  const original = await importOriginal<{ readonly path: string }>();
  return {
    get path() {
      return mocked.path || original.path;
    },
  };
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ffprobe-binary-test-'));
});
afterEach(() => {
  mocked.path = '';
  rmSync(directory, { recursive: true, force: true });
});

const UNKNOWN = {
  code: 'PROBE_UNAVAILABLE',
  kind: 'transient',
  message: 'the bundled ffprobe is not the one that is known',
};

describe('locateFfprobe', () => {
  it('takes the bundled one, as it was shipped', async () => {
    expect(await locateFfprobe(undefined)).toBe(bundled);
  });

  it('does not take one in its place, nor the same with a byte more', async () => {
    const path = join(directory, 'ffprobe');
    copyFileSync(bundled, path);
    mocked.path = path;
    expect(await locateFfprobe(undefined)).toBe(path);
    appendFileSync(path, '\n');
    await expect(locateFfprobe(undefined)).rejects.toMatchObject(UNKNOWN);
    writeFileSync(path, '#!/bin/sh\necho mine\n', { mode: 0o755 });
    await expect(locateFfprobe(undefined)).rejects.toMatchObject(UNKNOWN);
  });

  it('takes the one that is asked for, whatever it is', async () => {
    const path = join(directory, 'own');
    writeFileSync(path, '', { mode: 0o755 });
    expect(await locateFfprobe(path)).toBe(path);
  });

  it('says so where there is none', async () => {
    await expect(locateFfprobe(join(directory, 'none'))).rejects.toMatchObject({
      code: 'PROBE_UNAVAILABLE',
      message: 'there is no ffprobe to run',
    });
  });
});
