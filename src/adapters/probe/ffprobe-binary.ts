import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { unavailable } from './media-fault.ts';

/** What `ffprobe-static` ships. On any other platform importing it ends the process. */
const BUNDLED = [
  'linux/x64',
  'linux/ia32',
  'darwin/x64',
  'darwin/arm64',
  'win32/x64',
  'win32/ia32',
] as const;

/**
 * The ffprobe to run: the one that is asked for, else the bundled one.
 *
 * @throws ForgeError `PROBE_UNAVAILABLE` (transient) where there is none that could be run.
 */
export async function locateFfprobe(asked: string | undefined): Promise<string> {
  const path = asked ?? (await bundledPath());
  try {
    await access(path, constants.X_OK);
    return path;
  } catch (cause) {
    throw unavailable('there is no ffprobe to run', cause);
  }
}

async function bundledPath(): Promise<string> {
  const here = `${platform()}/${arch()}`;
  if (!BUNDLED.some((known) => known === here))
    throw unavailable(`no ffprobe is bundled for ${here}`);
  const { path } = await import('ffprobe-static');
  return path;
}
