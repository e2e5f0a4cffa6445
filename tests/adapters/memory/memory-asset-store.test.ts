import { MemoryAssetStore } from '#adapters/memory/memory-asset-store.ts';
import { assetStoreContract } from '../../contracts/asset-store.contract.ts';

assetStoreContract('MemoryAssetStore', async () => ({ store: new MemoryAssetStore() }));
