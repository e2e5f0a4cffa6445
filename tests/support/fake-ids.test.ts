import { idsContract } from '../contracts/ids.contract.ts';
import { FakeIds } from './fake-ids.ts';

idsContract('FakeIds', () => new FakeIds());
