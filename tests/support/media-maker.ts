import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { Ffmpeg, type FfmpegOptions } from '#adapters/probe/ffmpeg/ffmpeg.ts';
import { holdCopy } from '#adapters/probe/hold-copy.ts';
import { searchPath } from '#config/search-path.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import { FileSource } from './file-source.ts';

const FFMPEG = searchPath()
  .map((folder) => join(folder, 'ffmpeg'))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Whether there is an ffmpeg here: suites that need one are skipped without, and say so in their name. */
export const HAS_FFMPEG = FFMPEG !== undefined;

/** A suite that needs one. Processes start late on a machine that is busy. */
export function describeFfmpeg(name: string, suite: () => void): void {
  const why = 'skipped without an ffmpeg on the PATH';
  describe.skipIf(!HAS_FFMPEG)(`${name} (${why})`, { timeout: 60_000 }, suite);
}

/** The ffmpeg of this machine, jailed as in earnest unless told. */
export function jailedFfmpeg(
  jail: Partial<FfmpegOptions['jail']> = {},
  over: Partial<Omit<FfmpegOptions, 'jail'>> = {},
): Ffmpeg {
  const limits = { wallMs: 60_000, memoryBytesMax: 1024 ** 3, stdoutBytesMax: 8 * 1024 ** 2 };
  return new Ffmpeg({ searchPath: searchPath(), ...over, jail: { ...limits, ...jail } });
}

/** A file that ffmpeg makes for a test: its arguments, the name of the file left out. */
export function madeMedia(extension: string, ...args: readonly string[]): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'media-maker-'));
  try {
    const path = join(directory, `made.${extension}`);
    const { status, stderr } = spawnSync(FFMPEG ?? '', ['-v', 'error', '-nostdin', ...args, path]);
    if (status !== 0) throw new Error(`ffmpeg made nothing: ${stderr}`);
    return new Uint8Array(readFileSync(path));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Arguments for a picture that ffmpeg draws. */
export const drawn = (source: string): readonly string[] => ['-f', 'lavfi', '-i', source];

/** Has something made of bytes, by way of a copy that is gone afterwards. */
export async function makeOf(
  maker: DerivativeMaker,
  metadata: MediaMetadata,
  bytes: Uint8Array,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly MadeFile[]> {
  const source = new FileSource(bytes);
  const copy = await holdCopy(source.stream(signal), bytes.length, signal);
  try {
    return await maker.make({ metadata, source, copy: async () => copy }, signal);
  } finally {
    await copy.remove();
  }
}
