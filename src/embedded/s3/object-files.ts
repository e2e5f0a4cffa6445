import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { copyFile, type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import FilesystemStore from '@20minutes/s3rver/lib/stores/filesystem.js';
import { hasCode } from '#embedded/has-code.ts';
import type { CreatedEventName } from './created-event.ts';
import type { EventOutbox } from './event-outbox.ts';
import {
  keptHeaders,
  newRecord,
  type ObjectName,
  type ObjectRecord,
  type StagedBlob,
} from './object-record.ts';
import { readJson } from './read-json.ts';
import { s3Error } from './s3-error.ts';
import { checkStorable } from './storable-key.ts';

/** What s3rver ends the names of its objects' files with. */
const RECORD_SUFFIX = '._S3rver_object';

interface Commit extends ObjectName {
  readonly blob: StagedBlob;
  readonly headers: Readonly<Record<string, string>>;
  readonly eventName: CreatedEventName;
  /** Throws where the object that is there now forbids it. */
  readonly check?: (existing: ObjectRecord | null) => void;
}

/**
 * s3rver's store with objects that are whole or absent.
 *
 * Where s3rver keeps the bytes we keep a record that names the file with the bytes. Renaming the record into place is
 * the one moment in which an object appears or changes. That step is synchronous from the check to the event, so
 * nothing in this process comes between, and one process at a time uses the directory.
 */
export class ObjectFiles extends FilesystemStore {
  readonly #blobs: string;
  readonly #incoming: string;
  readonly #outbox: EventOutbox;

  constructor(directory: string, outbox: EventOutbox) {
    super(join(directory, 'buckets'));
    this.#blobs = join(directory, 'blobs');
    this.#incoming = join(directory, 'incoming');
    this.#outbox = outbox;
    // What had not arrived when the last process ended never will.
    rmSync(this.#incoming, { recursive: true, force: true });
    for (const path of [join(directory, 'buckets'), this.#blobs, this.#incoming]) {
      mkdirSync(path, { recursive: true });
    }
  }

  /** Every path of an object comes from here, whoever asks. */
  override getResourcePath(bucket: string, key: string | undefined, resource: string): string {
    if (key !== undefined) checkStorable(key);
    return super.getResourcePath(bucket, key, resource);
  }

  /** A file for bytes to arrive in. */
  newPath(): string {
    return join(this.#incoming, randomUUID());
  }

  find({ bucket, key }: ObjectName): ObjectRecord | null {
    return readJson(this.getResourcePath(bucket, key, 'object'));
  }

  /** Every key of a bucket, in no order. */
  keys(bucket: string): readonly string[] {
    const paths = readdirSync(this.getBucketPath(bucket), { recursive: true, encoding: 'utf8' });
    return paths
      .filter((path) => path.endsWith(RECORD_SUFFIX))
      .map((path) => path.slice(0, -RECORD_SUFFIX.length));
  }

  /** The object as it is now, with its bytes open: a later write does not change what is read. */
  async open(name: ObjectName): Promise<{ record: ObjectRecord; file: FileHandle } | null> {
    for (;;) {
      const record = this.find(name);
      if (!record) return null;
      try {
        return { record, file: await open(join(this.#blobs, record.blob)) };
      } catch (error) {
        // Overwritten or deleted in between: look again.
        if (!hasCode(error, 'ENOENT') || this.find(name)?.blob === record.blob) throw error;
      }
    }
  }

  /** Makes the bytes an object, and tells of it; where that is refused, the bytes are gone. */
  commit(commit: Commit): ObjectRecord {
    try {
      return this.#commit(commit);
    } catch (error) {
      rmSync(commit.blob.path, { force: true });
      throw error;
    }
  }

  #commit({ bucket, key, blob, headers, eventName, check }: Commit): ObjectRecord {
    const existing = this.find({ bucket, key });
    check?.(existing);
    const record = newRecord(blob, headers);
    const recordPath = this.getResourcePath(bucket, key, 'object');
    this.#makeRoom(bucket, recordPath);
    const staged = this.newPath();
    writeFileSync(staged, JSON.stringify(record));
    renameSync(blob.path, join(this.#blobs, record.blob));
    const deliver = this.#outbox.prepare({ bucket, key, record, eventName });
    renameSync(staged, recordPath);
    deliver();
    if (existing) rmSync(join(this.#blobs, existing.blob), { force: true });
    return record;
  }

  override async getMetadata(
    bucket: string,
    key: string,
  ): Promise<Record<string, string | number>> {
    const record = this.find({ bucket, key });
    if (!record) throw Object.assign(new Error('no such object'), { code: 'ENOENT' });
    return {
      ...record.headers,
      etag: JSON.stringify(record.etag),
      'last-modified': new Date(record.lastModified).toUTCString(),
      'content-length': record.size,
    };
  }

  override async copyObject(
    sourceBucket: string,
    sourceKey: string,
    bucket: string,
    key: string,
    replacementHeaders: Record<string, string> | null,
  ): Promise<Record<string, string | number>> {
    const source = this.find({ bucket: sourceBucket, key: sourceKey });
    if (!source) throw s3Error('NoSuchKey', 'The specified key does not exist.');
    const path = this.newPath();
    await copyFile(join(this.#blobs, source.blob), path);
    this.commit({
      bucket,
      key,
      blob: { ...source, path },
      headers: replacementHeaders ? keptHeaders(replacementHeaders) : source.headers,
      eventName: 'ObjectCreated:Copy',
    });
    return this.getMetadata(bucket, key);
  }

  override async deleteObject(bucket: string, key: string): Promise<void> {
    const record = this.find({ bucket, key });
    const path = this.getResourcePath(bucket, key, 'object');
    rmSync(path, { force: true });
    if (record) rmSync(join(this.#blobs, record.blob), { force: true });
    const root = this.getBucketPath(bucket);
    for (let folder = dirname(path); folder !== root; folder = dirname(folder)) {
      if (!removeIfEmpty(folder)) return;
    }
  }

  #makeRoom(bucket: string, recordPath: string): void {
    if (!statSync(this.getBucketPath(bucket), { throwIfNoEntry: false })) {
      throw s3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
    }
    mkdirSync(dirname(recordPath), { recursive: true });
  }
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
