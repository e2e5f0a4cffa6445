import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ForgeError } from '#domain/errors.ts';
import type { LocalFile } from '#ports/local-copies.ts';
import { ownedPrefix } from './copy-owner.ts';
import { isShortage, unavailable } from './media-fault.ts';

/**
 * Copies bytes to a file of its own for as long as it is used, and removes it whatever happens; where this process is killed
 * meanwhile, another one does (`removeOrphanedCopies`).
 *
 * The directory can be entered but not listed, and the file read but not written, by whatever user the reader runs as.
 *
 * @throws ForgeError `PROBE_BUDGET_EXCEEDED` (permanent) where there are more bytes than `bytesMax`; `PROBE_UNAVAILABLE`
 * (transient) where the machine has no room for them now.
 */
export async function withPrivateCopy<T>(
  bytes: AsyncIterable<Uint8Array>,
  bytesMax: number,
  signal: AbortSignal,
  use: (copy: LocalFile) => Promise<T>,
): Promise<T> {
  const prefix = join(tmpdir(), await ownedPrefix());
  const directory = await mkdtemp(prefix).catch(withoutRoom);
  try {
    const path = join(directory, randomBytes(16).toString('hex'));
    await pipeline(capped(bytes, bytesMax), createWriteStream(path, { mode: 0o444, flags: 'wx' }), {
      signal,
    }).catch(withoutRoom);
    await chmod(directory, 0o711);
    return await use({ directory, path });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whose disk is full today may have room tomorrow: no file is judged by it, and no path is told of. */
function withoutRoom(error: unknown): never {
  throw isShortage(error) ? unavailable('there is no room for a copy', error) : error;
}

async function* capped(
  bytes: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncIterable<Uint8Array> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (count > bytesMax) throw copyTooLarge(bytesMax);
    yield chunk;
  }
}

/** The file would have to be copied to be read, and is too large for that. */
export function copyTooLarge(bytesMax: number): ForgeError {
  const detail = `reading what the file is takes a copy of over ${bytesMax} bytes`;
  return new ForgeError('PROBE_BUDGET_EXCEEDED', 'permanent', detail);
}
