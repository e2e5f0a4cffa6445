/** The body of the store's process: the embedded cloud, whose S3 is told to count what it sends. */
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startEmbeddedCloud } from '#embedded/embedded-cloud.ts';
import type { ObjectRecord } from '#embedded/s3/object-record.ts';

/** What the store is told. */
export type StoreRequest =
  | {
      readonly kind: 'keep';
      readonly path: string;
      readonly key: string;
      readonly contentType: string;
    }
  | { readonly kind: 'count' };

/** What was asked for and sent since it was last asked. */
export interface Count {
  readonly requests: number;
  readonly bytes: number;
}

/** What an arm needs to reach it. */
export interface StoreAddress {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const BUCKET = 'bench';
const [, , dataDir = ''] = process.argv;
const counted = { requests: 0, bytes: 0 };

subscribe('http.server.request.start', (message) => {
  const { response, socket } = message as { response: ServerResponse; socket: Socket };
  const before = socket.bytesWritten;
  response.once('close', () => {
    counted.requests += 1;
    counted.bytes += socket.bytesWritten - before;
  });
});

const cloud = await startEmbeddedCloud({ dataDir });
const { region, credentials, endpoints } = cloud;
const s3 = new S3Client({ region, credentials, endpoint: endpoints.s3, forcePathStyle: true });
await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));

/** Puts a stub, and then the file in the place of its bytes: a file with holes keeps them. */
async function keep({ path, key, contentType }: Extract<StoreRequest, { kind: 'keep' }>) {
  const stub = { Bucket: BUCKET, Key: key, Body: new Uint8Array([0]), ContentType: contentType };
  const { ETag } = await s3.send(new PutObjectCommand(stub));
  const recordPath = join(dataDir, 's3', 'buckets', BUCKET, `${key}._S3rver_object`);
  const record: ObjectRecord = JSON.parse(readFileSync(recordPath, 'utf8'));
  const { size } = statSync(path);
  renameSync(path, join(dataDir, 's3', 'blobs', record.blob));
  writeFileSync(recordPath, JSON.stringify({ ...record, size }));
  return ETag;
}

async function answer(request: StoreRequest): Promise<unknown> {
  if (request.kind === 'keep') return keep(request);
  // What an arm has hung up on is closed a moment later.
  await new Promise((resolve) => setTimeout(resolve, 30));
  const count = { ...counted };
  counted.requests = 0;
  counted.bytes = 0;
  return count;
}

process.on('message', ({ id, request }: { id: number; request: StoreRequest }) => {
  void answer(request).then((its) => process.send?.({ id, answer: its }));
});
process.on('disconnect', () => process.exit());
const address: StoreAddress = { endpoint: endpoints.s3, region, bucket: BUCKET, credentials };
process.send?.({ id: 0, answer: address });
