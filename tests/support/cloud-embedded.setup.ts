import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedCloud } from '#embedded/embedded-cloud.ts';

/** Starts the embedded cloud for the tests of a project, on free ports and a directory of its own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'streamforge-cloud-'));
  const cloud = await startEmbeddedCloud({ dataDir });
  project.provide('cloud', {
    name: 'embedded',
    region: cloud.region,
    endpoints: cloud.endpoints,
    credentials: cloud.credentials,
    traits: { checksSignatures: true, tellsChecksums: true },
  });
  return async () => {
    await cloud.close();
    await rm(dataDir, { recursive: true });
  };
}
