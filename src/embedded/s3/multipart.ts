import { rm } from 'node:fs/promises';
import type { S3Context } from '@20minutes/s3rver/context';
import utils from '@20minutes/s3rver/lib/utils.js';
import { answerXml } from './answer-xml.ts';
import { chosenParts, joinParts } from './complete-parts.ts';
import type { ObjectFiles } from './object-files.ts';
import { keptHeaders, type ObjectName, type ObjectRecord } from './object-record.ts';
import { checkBeforeWrite } from './preconditions.ts';
import { receiveBody } from './receive-body.ts';
import { s3Error } from './s3-error.ts';
import type { Part, UploadFiles } from './upload-files.ts';

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const PART_NUMBER_MAX = 10_000;
const LISTED_PARTS_MAX = 1000;

/** The multipart operations of S3, over the parts on disk. */
export class Multipart {
  readonly #files: ObjectFiles;
  readonly #uploads: UploadFiles;

  constructor(files: ObjectFiles, uploads: UploadFiles) {
    this.#files = files;
    this.#uploads = uploads;
  }

  /** CreateMultipartUpload. */
  create(ctx: S3Context, { bucket, key }: ObjectName): void {
    const UploadId = this.#uploads.create({ bucket, key, headers: keptHeaders(ctx.headers) });
    answerXml(ctx, 'InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId });
  }

  /** UploadPart: like an object, a part is whole or absent. */
  async putPart(ctx: S3Context, name: ObjectName): Promise<void> {
    const uploadId = uploadIdOf(ctx);
    const partNumber = Number(ctx.query['partNumber']);
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > PART_NUMBER_MAX) {
      throw s3Error(
        'InvalidArgument',
        `Part number must be an integer between 1 and ${PART_NUMBER_MAX}`,
      );
    }
    this.#uploads.get(uploadId, name);
    const blob = await receiveBody(ctx, this.#files.newPath());
    try {
      this.#uploads.get(uploadId, name);
      this.#uploads.putPart(uploadId, partNumber, blob);
    } catch (error) {
      await rm(blob.path, { force: true });
      throw error;
    }
    ctx.etag = blob.etag;
    ctx.body = '';
    ctx.status = 200;
  }

  /** ListParts. */
  listParts(ctx: S3Context, name: ObjectName): void {
    const uploadId = uploadIdOf(ctx);
    this.#uploads.get(uploadId, name);
    const after = Number(ctx.query['part-number-marker'] ?? 0);
    const asked = Number(ctx.query['max-parts'] ?? LISTED_PARTS_MAX);
    const max = Math.min(asked, LISTED_PARTS_MAX);
    const parts = this.#uploads.parts(uploadId).filter(({ partNumber }) => partNumber > after);
    const page = parts.slice(0, max);
    answerXml(ctx, 'ListPartsResult', {
      Bucket: name.bucket,
      Key: name.key,
      UploadId: uploadId,
      PartNumberMarker: after,
      NextPartNumberMarker: page.at(-1)?.partNumber ?? 0,
      MaxParts: max,
      IsTruncated: parts.length > page.length,
      Part: page.map(({ partNumber, lastModified, etag, size }) => ({
        PartNumber: partNumber,
        LastModified: lastModified,
        ETag: JSON.stringify(etag),
        Size: size,
      })),
      StorageClass: 'STANDARD',
    });
  }

  /** AbortMultipartUpload. */
  abort(ctx: S3Context, name: ObjectName): void {
    const uploadId = uploadIdOf(ctx);
    this.#uploads.get(uploadId, name);
    this.#uploads.remove(uploadId);
    ctx.status = 204;
  }

  /** CompleteMultipartUpload: answered when the object is there and its event is in its queue. */
  async complete(ctx: S3Context, name: ObjectName): Promise<void> {
    const uploadId = uploadIdOf(ctx);
    this.#uploads.get(uploadId, name);
    await utils.xmlBodyParser(ctx);
    checkBeforeWrite(ctx.headers, this.#files.find(name));
    const parts = chosenParts(ctx.request.body, this.#uploads.parts(uploadId));
    const { etag } = await this.#assemble(ctx, name, parts);
    this.#uploads.remove(uploadId);
    answerXml(ctx, 'CompleteMultipartUploadResult', {
      Location: ctx.href.split('?')[0],
      Bucket: name.bucket,
      Key: name.key,
      ETag: JSON.stringify(etag),
    });
  }

  async #assemble(ctx: S3Context, name: ObjectName, parts: readonly Part[]): Promise<ObjectRecord> {
    const upload = () => this.#uploads.get(uploadIdOf(ctx), name);
    const { headers } = upload();
    const blob = await joinParts(parts, this.#files.newPath()).catch((error: unknown) => {
      // Completed or aborted by another request, which took the parts away.
      upload();
      throw error;
    });
    return this.#files.commit({
      ...name,
      blob,
      headers,
      eventName: 'ObjectCreated:CompleteMultipartUpload',
      check: (existing) => {
        upload();
        checkBeforeWrite(ctx.headers, existing);
      },
    });
  }
}

function uploadIdOf(ctx: S3Context): string {
  return String(ctx.query['uploadId'] ?? '');
}
