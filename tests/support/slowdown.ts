import { availableParallelism, loadavg } from 'node:os';

/** How much longer everything takes for what else the machine does; 1 where it does nothing else. */
export function slowdown(): number {
  const [lastMinute = 0] = loadavg();
  return Math.max(1, lastMinute / availableParallelism());
}
