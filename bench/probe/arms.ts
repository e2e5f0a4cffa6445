import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { mediaInfoFactory } from 'mediainfo.js';
import { awsClients } from '#adapters/aws/clients.ts';
import { S3ObjectStore } from '#adapters/aws/s3-object-store.ts';
import { analyseSource } from '#app/commands/analyse-source.ts';
import { readEnv } from '#config/env.ts';
import { parseSourceKey } from '#domain/keys.ts';
import { wireMedia } from '#main/media.ts';
import { awsConfig } from '#main/ports.ts';
import { noMetrics } from '#telemetry/no-metrics.ts';
import { plainLog } from '#telemetry/plain-log.ts';
import { aClaimedAsset } from '../../tests/support/an-asset.ts';
import type { StoreAddress } from './store.ts';

export const ARMS = [
  'download + ffprobe',
  'ffprobe on a URL',
  'mediainfo.js',
  'streamforge',
] as const;

export type ArmName = (typeof ARMS)[number];

/** The arm that all this is about. */
export const OWN: ArmName = 'streamforge';

/** An object, as whoever is told of it knows it. */
export interface Target {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  readonly contentType: string;
}

/** Reads one object, and answers with its duration in seconds; null for a still picture, or where it does not know. */
type Arm = (target: Target) => Promise<number | null>;

const execute = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Each arm as one would write it, with clients that are open already. */
export async function openArm(
  name: ArmName,
  store: StoreAddress,
  ffprobePath: string,
): Promise<Arm> {
  const { region, credentials, endpoint, bucket: Bucket } = store;
  const s3 = new S3Client({ region, credentials, endpoint, forcePathStyle: true });
  const ffprobe = async (input: string): Promise<number | null> => {
    const args = ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', '-i', input];
    const { stdout } = await execute(ffprobePath, args, { maxBuffer: OUTPUT_BYTES_MAX });
    return Number(JSON.parse(stdout).format.duration) || null;
  };
  switch (name) {
    case 'download + ffprobe':
      return async ({ key: Key }) => {
        const directory = await mkdtemp(join(tmpdir(), 'streamforge-bench-copy-'));
        try {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
          const path = join(directory, 'copy');
          await pipeline(Body as Readable, createWriteStream(path));
          return await ffprobe(path);
        } finally {
          await rm(directory, { recursive: true, force: true });
        }
      };
    case 'ffprobe on a URL':
      return async ({ key: Key }) =>
        ffprobe(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key })));
    case 'mediainfo.js': {
      const mediainfo = await mediaInfoFactory({ format: 'object' });
      return async ({ key: Key, size }) => {
        const read = async (length: number, offset: number): Promise<Uint8Array> => {
          const end = Math.min(offset + length, size) - 1;
          if (end < offset) return new Uint8Array();
          const Range = `bytes=${offset}-${end}`;
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, Range }));
          return Body ? Body.transformToByteArray() : new Uint8Array();
        };
        const { media } = await mediainfo.analyzeData(size, read);
        const [general] = media?.track ?? [];
        return Number((general as { readonly Duration?: number } | undefined)?.Duration) || null;
      };
    }
    case 'streamforge':
      return streamforge(store);
    default:
      return name satisfies never;
  }
}

/** As a worker is wired, but for derivatives, which the other arms do not make either. */
function streamforge({ region, endpoint, bucket, credentials }: StoreAddress): Arm {
  const env = readEnv({
    AWS_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    S3_BUCKET: bucket,
    DERIVATIVES: 'none',
  });
  const config = awsConfig(env);
  const clients = awsClients({ ...config, credentials: { ...credentials } }, 'worker');
  const objects = new S3ObjectStore(clients, { bucket, timeouts: config.timeouts });
  const log = plainLog(
    'error',
    (line) => void process.stderr.write(line),
    () => '',
  );
  const clock = { now: () => Math.round(performance.now()) };
  const analyse = analyseSource({ ...wireMedia({ objects, log, metrics: noMetrics }, env), clock });
  const { signal } = new AbortController();
  return async ({ key, etag, size, contentType }) => {
    const id = parseSourceKey(key);
    if (!id) throw new Error(`${key} is no source's`);
    const asset = aClaimedAsset({ ...id, size, contentType, sourceEtag: etag });
    const head = { size, etag, contentType };
    const { metadata } = await analyse({ kind: 'claimed', asset, head }, signal);
    return metadata.kind === 'image' ? null : metadata.durationSeconds;
  };
}
