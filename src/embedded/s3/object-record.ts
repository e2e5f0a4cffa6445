import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';

/** What is known of an object besides its bytes. It lies in one file, so it changes in one rename. */
export interface ObjectRecord {
  /** The file that holds the bytes: no two versions share one. */
  readonly blob: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** ISO 8601, UTC. */
  readonly lastModified: string;
  /** Hexadecimal; grows with every write of a key. */
  readonly sequencer: string;
  /** Base64, where the writer sent one. */
  readonly checksumSha256?: string | undefined;
  /** What the reader is told: content type and the like, and `x-amz-meta-*`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Bytes that have arrived and belong to no object yet. */
export interface StagedBlob {
  readonly path: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksumSha256?: string | undefined;
}

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** The time of an object is that of its last byte. */
export function newRecord(blob: StagedBlob, headers: ObjectRecord['headers']): ObjectRecord {
  const { mtimeNs, mtime } = statSync(blob.path, { bigint: true });
  return {
    blob: randomUUID(),
    size: blob.size,
    etag: blob.etag,
    lastModified: mtime.toISOString(),
    sequencer: mtimeNs.toString(16).toUpperCase().padStart(16, '0'),
    checksumSha256: blob.checksumSha256,
    headers,
  };
}

const KEPT =
  /^(?:cache-control|content-(?:disposition|encoding|language|type)|expires|x-amz-meta-.*)$/;

/** The headers of a write that S3 keeps and gives back to readers. */
export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers)
    .filter(([name]) => KEPT.test(name))
    .map(([name, value]) => [name, String(value)] as const)
    // A matter between the SDK and S3, never part of the object.
    .map(([name, value]) => [name, value.replace(/^aws-chunked,?\s*/, '')] as const)
    .filter(([, value]) => value !== '');
  return { 'content-type': 'binary/octet-stream', ...Object.fromEntries(kept) };
}
