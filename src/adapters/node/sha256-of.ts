import { createHash } from 'node:crypto';
import type { MediaSource } from '#ports/media-source.ts';

/** Reads a source to its end for its SHA-256, Base64. Errors: those of the source, the signal's reason. */
export async function sha256Of(source: MediaSource, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source.stream(signal)) hash.update(chunk);
  return hash.digest('base64');
}
