// What is made of a file, from the upload to the objects that the result names.
import { createHash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Derivative } from '#domain/asset.ts';
import { cloud } from '../support/cloud.ts';
import { mediaBytes } from '../support/file-source.ts';
import { HAS_FFMPEG } from '../support/media-maker.ts';
import { keyOf, openStack, TENANT, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await openStack({ derives: true });
  await stack.startWorker();
});
afterAll(() => stack.close());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');

/** What a finished upload has come to. */
async function processed(file: string, contentType: string) {
  const bytes = mediaBytes(file);
  const to = await stack.upload(file, contentType, bytes, { checksumSha256: sha256(bytes) });
  await stack.untilDone(to.id, 'COMPLETED');
  return { to, view: await stack.view(to.id) };
}

async function objectOf({ key = '' }: Derivative) {
  const command = new GetObjectCommand({ Bucket: stack.names.bucket, Key: key });
  const { Body, ContentType } = await stack.clients.s3.send(command);
  return { contentType: ContentType, bytes: (await Body?.transformToByteArray()) ?? [] };
}

describe('an upload', () => {
  it.each([
    ['portrait.jpg', 'image/jpeg', ['thumbnail-160', 'thumbhash']],
    ['clip.mp4', 'video/mp4', ['poster', 'storyboard', 'storyboard-vtt']],
    ['tone.mp3', 'audio/mpeg', ['waveform', 'loudness']],
  ])(
    '%s has its derivatives beside it, and its checksum is verified where S3 tells it',
    async (file, type, names) => {
      const { to, view } = await processed(file, type);
      const { tellsChecksums } = cloud().traits;
      expect(view).toMatchObject({ checksum: tellsChecksums ? 'verified' : 'unverified' });
      const { derivatives = [] } = view;
      if (!HAS_FFMPEG && !type.startsWith('image/')) {
        expect(derivatives.every(({ status }) => status === 'unavailable')).toBe(true);
        return;
      }
      expect(derivatives.map(({ name, status }) => [name, status])).toEqual(
        names.map((name) => [name, 'ready']),
      );
      for (const derivative of derivatives) {
        expect(derivative.key).toMatch(new RegExp(`^derived/${TENANT}/${to.id}/1/`));
        const { contentType, bytes } = await objectOf(derivative);
        expect([contentType, bytes.length]).toEqual([derivative.contentType, derivative.size]);
      }
      // The probe read a part of the file, and the rest was not charged to it.
      if (!type.startsWith('image/')) expect(view.probe?.requests).toBeLessThan(12);
      expect(keyOf(to)).not.toMatch(/^derived/);
    },
  );
});
