import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { unavailable } from './media-fault.ts';

/** What `ffprobe-static` 3.1.0 ships, by its SHA-256. On any other platform importing it ends the process. */
const BUNDLED: Readonly<Record<string, string>> = {
  'linux/x64': 'e3624d8ff953c7e2f1f3e3ee24bfa64399bcb3bd5c302b2216d3f794b31bbbf6',
  'linux/ia32': 'e5f6517a0d951f1a5e53f23f0cc7953dabf5659577a8cf25bbcce407e19f54ee',
  'darwin/x64': '90fddf93d25a520bbda09e02f1f53a91f04acd1ef9b79e6dc602dc4dc6951f67',
  'darwin/arm64': '5b592e56f87ff754d94dadf99f38b4d0fb7d463eb780b50e0ca061d668d0e3f7',
  'win32/x64': '4303ec85855340689b1f8aa5d9c1dc06ef3e3090682de3034edc3fca2b0798d5',
  'win32/ia32': 'cc7a6d6b868178c65810c9dd3b7c9b977a978fade4372e7319a2d9cd8d2a19d6',
};

/**
 * The ffprobe to run: the one that is asked for, which is in the hands of who asks, else the bundled one, as long as it is
 * the one that we know.
 *
 * @throws ForgeError `PROBE_UNAVAILABLE` (transient) where there is none that could be run, or it is another one.
 */
export async function locateFfprobe(asked: string | undefined): Promise<string> {
  const path = asked ?? (await bundledPath());
  try {
    await access(path, constants.X_OK);
  } catch (cause) {
    throw unavailable('there is no ffprobe to run', cause);
  }
  if (asked === undefined && (await sha256(path)) !== BUNDLED[here()]) {
    throw unavailable('the bundled ffprobe is not the one that is known');
  }
  return path;
}

const here = (): string => `${platform()}/${arch()}`;

async function bundledPath(): Promise<string> {
  if (!(here() in BUNDLED)) throw unavailable(`no ffprobe is bundled for ${here()}`);
  const { path } = await import('ffprobe-static');
  return path;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
