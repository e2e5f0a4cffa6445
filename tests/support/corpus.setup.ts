import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { makeCorpus } from '../../tools/make-corpus.ts';

declare module 'vitest' {
  interface ProvidedContext {
    corpus: { readonly directory: string; readonly missing: readonly string[] };
  }
}

/** Makes the corpus for the tests of a project, in a directory of its own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'streamforge-corpus-'));
  const { files, missing } = await makeCorpus(directory);
  if (files.length === 0) throw new Error('the media tests need ffmpeg and ffprobe on the PATH');
  project.provide('corpus', { directory, missing });
  return () => rm(directory, { recursive: true });
}
