import type { LocalCopy, LocalFile } from '#ports/local-copies.ts';
import { withPrivateCopy } from './private-copy.ts';

/**
 * Bytes in a private copy that stays until it is removed.
 *
 * @throws ForgeError as {@link withPrivateCopy}; the signal's reason, and then nothing is left of it.
 */
export async function holdCopy(
  bytes: AsyncIterable<Uint8Array>,
  bytesMax: number,
  signal: AbortSignal,
): Promise<LocalCopy> {
  signal.throwIfAborted();
  const opened = Promise.withResolvers<LocalFile>();
  const unwanted = Promise.withResolvers<void>();
  const gone = withPrivateCopy(bytes, bytesMax, signal, (copy) => {
    opened.resolve(copy);
    return unwanted.promise;
  });
  // A stream that is aborted midway says so in words of its own.
  gone.catch((error: unknown) => opened.reject(signal.aborted ? signal.reason : error));
  const { path, directory } = await opened.promise;
  return {
    path,
    directory,
    remove: () => {
      unwanted.resolve();
      return gone;
    },
  };
}
