import { DynamoAssetStore } from '#adapters/aws/dynamo-asset-store.ts';
import { assetStoreContract } from '../contracts/asset-store.contract.ts';
import { isMoto, openCloud } from './cloud-kit.ts';

assetStoreContract(
  'DynamoAssetStore',
  async () => {
    const { clients, names } = await openCloud();
    return {
      store: new DynamoAssetStore(clients.dynamodb, names.table),
      close: async () => clients.destroy(),
    };
  },
  // moto checks the condition and writes in two steps, without a lock, in one thread per request.
  { runs: 40, linear: !(await isMoto()) },
);
