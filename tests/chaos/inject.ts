import type { Fault, PlannedFault } from './plan.ts';
import type { RedisServer } from './redis-server.ts';
import type { WorkerFleet } from './worker-fleet.ts';

/** Lets the planned faults happen. */
export interface Injector {
  /** Starts every fault whose time has come. */
  advance(finished: number): void;
  /** Faults that last. */
  readonly active: number;
  /** Faults that are still to come. */
  readonly left: number;
}

/** Faults happen beside each other; one that meets a worker or a Redis that is down already does nothing. */
export function injector(
  faults: readonly PlannedFault[],
  targets: { readonly fleet: WorkerFleet; readonly redis: RedisServer },
): Injector {
  let next = 0;
  let active = 0;
  const run = async (fault: Fault): Promise<void> => {
    active += 1;
    // A server that is frozen or down does not take a command; that is another fault at work.
    await happen(fault, targets).catch(() => {});
    active -= 1;
  };
  return {
    advance: (finished) => {
      for (let due = faults[next]; due && due.afterFinished <= finished; due = faults[next]) {
        next += 1;
        void run(due.fault);
      }
    },
    get active() {
      return active;
    },
    get left() {
      return faults.length - next;
    },
  };
}

async function happen(
  fault: Fault,
  { fleet, redis }: { readonly fleet: WorkerFleet; readonly redis: RedisServer },
): Promise<void> {
  switch (fault.kind) {
    case 'kill':
      return fleet.kill(fault.worker, fault.restartMs);
    case 'freeze':
      return fleet.freeze(fault.worker, fault.ms);
    case 'network':
      return fleet.breakDown(fault, fault.ms);
    case 'redis flush':
      return void (await redis.flush());
    case 'redis kill':
      return redis.isUp ? redis.kill(fault.restartMs) : undefined;
    case 'redis freeze':
      return redis.freeze(fault.ms);
    default:
      return fault satisfies never;
  }
}
