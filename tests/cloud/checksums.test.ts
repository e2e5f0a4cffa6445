// What becomes of a declared SHA-256 that S3 did not check for us: uploads in parts, and objects put by somebody else. The
// workers are processes, so that the environment says how much is verified.
import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { itUnless } from '../contracts/it-unless.ts';
import { cloud } from '../support/cloud.ts';
import { mediaBytes } from '../support/file-source.ts';
import { Processes } from '../support/processes.ts';
import { type Initiated, keyOf, openStack, type TestStack } from '../support/stack.ts';
import { stackVariables } from '../support/stack-variables.ts';

const photo = mediaBytes('portrait.jpg');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');
const OTHER = sha256(Buffer.from('something else'));

const processes = new Processes();
let stack: TestStack;
afterEach(async () => {
  await processes.end();
  await stack.close();
});

/** An upload for which that checksum was declared, and a worker that verifies so much. */
async function declared(checksumSha256: string, VERIFY_CHECKSUM: string): Promise<Initiated> {
  stack = await openStack({ derives: true });
  processes.main('worker', [], { ...stackVariables(stack), VERIFY_CHECKSUM });
  const request = { fileName: 'a.jpg', contentType: 'image/jpeg', size: photo.length };
  return stack.init({ ...request, checksumSha256 });
}

/** S3 knows no SHA-256 of the whole object then. */
async function putInParts(to: Initiated): Promise<void> {
  const { s3 } = stack.clients;
  const at = { Bucket: stack.names.bucket, Key: keyOf(to) };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  const part = { ...at, UploadId, PartNumber: 1, Body: photo };
  const { ETag } = await s3.send(new UploadPartCommand(part));
  const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
  await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
}

describe('an upload in parts', () => {
  it.each([
    ['stored', 'unverified'],
    ['always', 'verified'],
  ])('with VERIFY_CHECKSUM=%s is %s', async (how, checksum) => {
    const to = await declared(sha256(photo), how);
    await putInParts(to);
    await stack.untilDone(to.id, 'COMPLETED');
    const { probe, ...view } = await stack.view(to.id);
    expect(view).toMatchObject({ checksum });
    // Reading it all for its checksum is no part of what the probe cost.
    expect(probe).toMatchObject({ requests: 1 });
  });

  it('that is of other bytes is told of only where they are read', async () => {
    const to = await declared(OTHER, 'stored');
    await putInParts(to);
    await stack.untilDone(to.id, 'COMPLETED');
    expect(await stack.view(to.id)).toMatchObject({ checksum: 'unverified' });
  });

  it('that is of other bytes fails, once, where they are', async () => {
    const to = await declared(OTHER, 'always');
    await putInParts(to);
    const { failure, attempts } = await stack.untilDone(to.id, 'FAILED');
    expect({ failure, attempts }).toMatchObject({
      failure: { code: 'CHECKSUM_MISMATCH' },
      attempts: 1,
    });
    const events = await stack.eventsOf(to.id);
    expect(events.map(({ event }) => event.status)).toEqual(['FAILED']);
    await stack.untilEmpty();
    expect(await stack.takeDeadLetters()).toEqual([]);
  });
});

const untold = cloud().traits.tellsChecksums ? undefined : 'this S3 does not tell it';

describe('an object of which S3 knows another SHA-256', () => {
  itUnless(untold, 'is not read for that', async () => {
    const to = await declared(OTHER, 'stored');
    const at = { Bucket: stack.names.bucket, Key: keyOf(to) };
    const its = { Body: photo, ChecksumSHA256: sha256(photo) };
    await stack.clients.s3.send(new PutObjectCommand({ ...at, ...its }));
    const { failure } = await stack.untilDone(to.id, 'FAILED');
    expect(failure).toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      detail: `the bytes have the SHA-256 ${sha256(photo)}, ${OTHER} was declared`,
    });
  });
});
