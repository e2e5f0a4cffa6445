import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { awsClients } from '#adapters/aws/clients.ts';
import { S3ObjectStore } from '#adapters/aws/s3-object-store.ts';
import { ObjectSource } from '#adapters/probe/object-source.ts';
import { mediaSourceContract } from '../contracts/media-source.contract.ts';
import { awsConfig, type CloudKit, openCloud, TIMEOUTS } from './cloud-kit.ts';

let kit: CloudKit;
let store: S3ObjectStore;
const config = awsConfig();
/** Where nobody listens. */
const nowhere = awsClients(
  { ...config, endpoints: { ...config.endpoints, s3: 'http://127.0.0.1:1' } },
  'worker',
);

beforeAll(async () => {
  kit = await openCloud();
  store = new S3ObjectStore(kit.clients, { bucket: kit.names.bucket, timeouts: TIMEOUTS });
});
afterAll(() => {
  kit?.clients.destroy();
  nowhere.destroy();
});

mediaSourceContract('ObjectSource over S3ObjectStore', async (bytes, { down, ...budget }) => {
  const key = `uploads/acme/${randomUUID()}/source`;
  await store.put(key, bytes, 'video/mp4');
  const { etag = '' } = (await store.head(key)) ?? {};
  const options = { bucket: kit.names.bucket, timeouts: TIMEOUTS };
  const from = down ? new S3ObjectStore(nowhere, options) : store;
  return {
    source: new ObjectSource(from, { key, etag, size: bytes.length }, budget),
    replace: () => store.put(key, Buffer.from('another'), 'video/mp4'),
    remove: () => store.remove(key),
    close: () => store.remove(key),
  };
});
