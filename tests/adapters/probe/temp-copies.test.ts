import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { TempCopies } from '#adapters/probe/temp-copies.ts';
import { localCopiesContract } from '../../contracts/local-copies.contract.ts';

const EXCERPT = { heapBytesMax: 256 * 1024 ** 2, timeoutMs: 30_000 };

// A folder that nobody else writes to, so that what is left behind can be told.
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'temp-copies-'));
  vi.stubEnv('TMPDIR', folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

localCopiesContract(
  'TempCopies',
  ({ bytesMax }) => new TempCopies({ bytesMax, wholeBytesMax: bytesMax, excerpt: EXCERPT }),
  () => folder,
);
