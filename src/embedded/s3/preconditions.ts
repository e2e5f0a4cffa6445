import type { IncomingHttpHeaders } from 'node:http';
import type { ObjectRecord } from './object-record.ts';
import { s3Error } from './s3-error.ts';

const failed = (Condition: string) =>
  s3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition,
  });

/** Whether a list of entity tags, quoted or not, has this one in it. */
function names(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tag.trim().replace(/^W\/|"/g, '') === etag);
}

/** Throws where the object that is there, or is not, forbids writing: no-overwrite and compare-and-swap. */
export function checkBeforeWrite(
  headers: IncomingHttpHeaders,
  existing: ObjectRecord | null,
): void {
  const ifNoneMatch = headers['if-none-match'];
  const ifMatch = headers['if-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') {
    throw s3Error('NotImplemented', 'If-None-Match of a write takes only *');
  }
  if (ifNoneMatch !== undefined && existing) throw failed('If-None-Match');
  if (ifMatch === undefined) return;
  if (!existing) throw s3Error('NoSuchKey', 'The specified key does not exist.');
  if (!names(ifMatch, existing.etag)) throw failed('If-Match');
}

/** False where the reader has this version already (304). Throws where it wants another one (412). */
export function checkBeforeRead(headers: IncomingHttpHeaders, record: ObjectRecord): boolean {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  // HTTP dates have no milliseconds.
  const modified = Math.floor(Date.parse(record.lastModified) / 1000) * 1000;
  if (ifMatch !== undefined) {
    if (!names(ifMatch, record.etag)) throw failed('If-Match');
  } else if (modified > Date.parse(headers['if-unmodified-since'] ?? '')) {
    throw failed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return !names(ifNoneMatch, record.etag);
  return !(modified <= Date.parse(headers['if-modified-since'] ?? ''));
}
