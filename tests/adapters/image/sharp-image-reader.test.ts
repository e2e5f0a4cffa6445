import { SharpImageReader } from '#adapters/image/sharp-image-reader.ts';
import { imageReaderContract } from '../../contracts/image-reader.contract.ts';

imageReaderContract('SharpImageReader', (bounds) => new SharpImageReader(bounds));
