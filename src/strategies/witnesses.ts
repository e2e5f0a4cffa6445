import { ForgeError } from '#domain/errors.ts';
import type { MediaType } from '#domain/media-types.ts';

/**
 * The container, where the magic bytes agree with the declared type.
 *
 * Magic bytes that nobody knows are `UNSUPPORTED_CONTAINER`, not corruption: of a file whose first bytes say nothing it
 * cannot be told whether it ever was what its client calls it.
 *
 * @param sniffed What the magic bytes say; null where they say nothing.
 * @throws ForgeError `UNSUPPORTED_CONTAINER` or `TYPE_MISMATCH` (permanent).
 */
export function agreeOnMagic(declared: MediaType, sniffed: string | null): string {
  if (sniffed === null) {
    const detail = 'the first bytes are of no format StreamForge reads';
    throw new ForgeError('UNSUPPORTED_CONTAINER', 'permanent', detail);
  }
  return agree(declared, sniffed, 'begins as');
}

/**
 * The container, where the engine that read the file agrees with the declared type as well.
 *
 * @throws ForgeError `TYPE_MISMATCH` (permanent).
 */
export function agreeOnContainer(declared: MediaType, probed: string): string {
  return agree(declared, probed, 'is');
}

function agree(declared: MediaType, container: string, how: string): string {
  if (declared.containers.includes(container)) return container;
  const detail = `declared as ${declared.type}, the file ${how} '${container}'`;
  throw new ForgeError('TYPE_MISMATCH', 'permanent', detail);
}
