import { S3ObjectStore } from '#adapters/aws/s3-object-store.ts';
import { KEYS_PER_PAGE, objectStoreContract } from '../contracts/object-store.contract.ts';
import { cloud } from '../support/cloud.ts';
import { openCloud, TIMEOUTS } from './cloud-kit.ts';

objectStoreContract(
  'S3ObjectStore',
  async () => {
    const { clients, names } = await openCloud();
    return {
      store: new S3ObjectStore(clients, {
        bucket: names.bucket,
        timeouts: TIMEOUTS,
        keysPerPage: KEYS_PER_PAGE,
      }),
      send: async ({ url, method, headers }, bytes, instead = headers) => {
        const body = new Uint8Array(bytes);
        const answer = await fetch(url, { method, headers: instead, body });
        await answer.arrayBuffer();
        return answer.status;
      },
      close: async () => clients.destroy(),
    };
  },
  cloud().traits,
);
