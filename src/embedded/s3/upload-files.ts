import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectName, StagedBlob } from './object-record.ts';
import { readJson } from './read-json.ts';
import { s3Error } from './s3-error.ts';
import { checkStorable } from './storable-key.ts';

export interface Upload extends ObjectName {
  readonly headers: Readonly<Record<string, string>>;
}

export interface Part {
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  readonly size: number;
  readonly path: string;
  /** ISO 8601, UTC. */
  readonly lastModified: string;
}

/** Multipart uploads under way: a folder each, a file per part, whose name says its number and ETag. */
export class UploadFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  create(upload: Upload): string {
    checkStorable(upload.key);
    const uploadId = randomUUID();
    // The folder appears with what it is for in it.
    const staged = join(this.#directory, `${uploadId}.new`);
    mkdirSync(staged);
    writeFileSync(join(staged, 'upload.json'), JSON.stringify(upload));
    renameSync(staged, join(this.#directory, uploadId));
    return uploadId;
  }

  /** @throws S3Error `NoSuchUpload` where there is none of that id for that object. */
  get(uploadId: string, { bucket, key }: ObjectName): Upload {
    const isId = /^[0-9a-f-]{36}$/.test(uploadId);
    const upload = isId ? readJson<Upload>(join(this.#directory, uploadId, 'upload.json')) : null;
    if (upload?.bucket === bucket && upload.key === key) return upload;
    throw s3Error(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      { UploadId: uploadId },
    );
  }

  /** Replaces the part of that number in one step. */
  putPart(uploadId: string, partNumber: number, { path, etag }: StagedBlob): void {
    const earlier = this.parts(uploadId).find((part) => part.partNumber === partNumber);
    renameSync(path, join(this.#directory, uploadId, `${partNumber}.${etag}`));
    if (earlier && earlier.etag !== etag) rmSync(earlier.path);
  }

  /** Every part that has arrived, by number. */
  parts(uploadId: string): readonly Part[] {
    const folder = join(this.#directory, uploadId);
    const parts = readdirSync(folder)
      .map((name) => /^(\d+)\.([0-9a-f]{32})$/.exec(name))
      .filter((match) => match !== null)
      .map(([name, partNumber, etag = '']) => {
        const path = join(folder, name);
        const { size, mtime } = statSync(path);
        return {
          partNumber: Number(partNumber),
          etag,
          size,
          path,
          lastModified: mtime.toISOString(),
        };
      });
    return parts.sort(
      (a, b) => a.partNumber - b.partNumber || (a.lastModified < b.lastModified ? -1 : 1),
    );
  }

  remove(uploadId: string): void {
    rmSync(join(this.#directory, uploadId), { recursive: true, force: true });
  }
}
