import S3Error from '@20minutes/s3rver/lib/models/error.js';

/** Codes that s3rver has no HTTP status for. */
const STATUS: Readonly<Record<string, number>> = {
  XAmzContentSHA256Mismatch: 400,
  InvalidDigest: 400,
};

/** What S3 answers instead of doing it, as XML. */
export function s3Error(
  code: string,
  message: string,
  detail: Readonly<Record<string, string | number>> = {},
): S3Error {
  const error = new S3Error(code, message, detail);
  error.status = STATUS[code] ?? error.status;
  return error;
}
