import { ForgeError } from '#domain/errors.ts';
import { mediaSourceContract } from '../contracts/media-source.contract.ts';
import { FileSource } from './file-source.ts';

const down = (): never => {
  throw new ForgeError('OBJECT_STORE_UNAVAILABLE', 'transient', 'nobody answers');
};

mediaSourceContract(
  'FileSource',
  async (bytes, conditions) => ({
    source: new FileSource(conditions.down ? down : bytes, bytes.length),
  }),
  {
    unpinned: 'a file in memory is never another',
    unbudgeted: 'it counts what a test then looks at, and refuses nothing',
  },
);
