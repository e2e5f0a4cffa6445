import { ForgeError } from '#domain/errors.ts';
import { callerOf, type Send } from './call-aws.ts';

/** What an outage of S3 is called. */
export const S3_OUTAGE = 'OBJECT_STORE_UNAVAILABLE';

/** One call of S3; see `callerOf`. */
export const callS3 = callerOf(S3_OUTAGE);

/** The call's answer, or null where there is no such object or upload. */
export async function unlessGone<T>(
  signal: AbortSignal | undefined,
  send: Send<T>,
): Promise<T | null> {
  try {
    return await callS3(signal, send);
  } catch (error) {
    if (error instanceof ForgeError && error.code === 'SOURCE_GONE') return null;
    throw error;
  }
}
