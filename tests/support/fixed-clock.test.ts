import { clockContract } from '../contracts/clock.contract.ts';
import { FixedClock } from './fixed-clock.ts';

clockContract('FixedClock', () => {
  const clock = new FixedClock();
  return { clock, elapse: async (ms) => clock.advance(ms) };
});
