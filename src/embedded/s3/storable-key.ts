import { s3Error } from './s3-error.ts';

/** What most file systems allow, less what the store appends. */
const SEGMENT_BYTES_MAX = 230;

/**
 * Throws where a key cannot be kept. Keys are paths on a disk here, so some of S3's cannot be: better refused than
 * confused with another, or with a file outside the bucket.
 */
export function checkStorable(key: string): void {
  const segments = key.split('/');
  const last = segments.length - 1;
  const odd = (segment: string, index: number) =>
    ['.', '..'].includes(segment) ||
    (segment === '' && index < last) ||
    segment.includes('\0') ||
    segment.includes('._S3rver_');
  if (segments.some(odd)) {
    throw s3Error('InvalidArgument', 'The embedded cloud takes no key with such a part between /', {
      ArgumentName: 'Key',
    });
  }
  if (segments.some((segment) => Buffer.byteLength(segment) > SEGMENT_BYTES_MAX)) {
    throw s3Error('KeyTooLongError', 'Your key is too long');
  }
}
