import type { Asset, ChecksumVerdict } from '#domain/asset.ts';
import { ForgeError } from '#domain/errors.ts';
import type { ObjectHead } from '#ports/object-store.ts';

/**
 * Holds the checksum that the client declared against the one the store has, or else against that of the bytes.
 *
 * @param digest Reads them all; absent where that is not wanted.
 * @returns Null where none was declared.
 * @throws ForgeError `CHECKSUM_MISMATCH` (permanent), those of `digest`.
 */
export async function verifyChecksum(
  { checksumSha256: declared }: Pick<Asset, 'checksumSha256'>,
  head: Pick<ObjectHead, 'checksumSha256'>,
  digest: (() => Promise<string>) | undefined,
): Promise<ChecksumVerdict | null> {
  if (declared === undefined) return null;
  const found = head.checksumSha256 ?? (await digest?.());
  if (found === undefined) return 'unverified';
  if (found === declared) return 'verified';
  const detail = `the bytes have the SHA-256 ${found}, ${declared} was declared`;
  throw new ForgeError('CHECKSUM_MISMATCH', 'permanent', detail);
}
