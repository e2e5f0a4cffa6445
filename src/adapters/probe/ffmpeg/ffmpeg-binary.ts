import { join } from 'node:path';
import { firstRunnable } from '#adapters/probe/first-runnable.ts';
import { ForgeError } from '#domain/errors.ts';

const NAME = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';

/**
 * The ffmpeg to run: the one that is asked for, else the first on the path.
 *
 * @throws ForgeError `PROBE_UNAVAILABLE` (permanent) where there is none that could be run.
 */
export async function locateFfmpeg(
  asked: string | undefined,
  searchPath: readonly string[],
): Promise<string> {
  const candidates = asked === undefined ? searchPath.map((folder) => join(folder, NAME)) : [asked];
  const path = await firstRunnable(candidates);
  if (path !== null) return path;
  throw new ForgeError('PROBE_UNAVAILABLE', 'permanent', 'there is no ffmpeg to run');
}
