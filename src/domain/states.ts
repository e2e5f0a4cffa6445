import type { AssetStatus, TerminalStatus } from './asset.ts';

/**
 * Which status may follow which. `EXPIRED` is not final: late bytes may still be claimed.
 * `COMPLETED` and `FAILED` are left only by opening a new generation on the same source.
 */
export const NEXT_STATUSES: Readonly<Record<AssetStatus, readonly AssetStatus[]>> = {
  PENDING: ['PROCESSING', 'EXPIRED', 'CANCELLED'],
  PROCESSING: ['PROCESSING', 'COMPLETED', 'FAILED'],
  COMPLETED: ['PENDING', 'PURGED'],
  FAILED: ['PENDING', 'PURGED'],
  EXPIRED: ['PROCESSING', 'PURGED'],
  CANCELLED: ['PURGED'],
  PURGED: [],
};

/** Whether an asset may go from one status to the other. */
export function mayFollow(from: AssetStatus, to: AssetStatus): boolean {
  return NEXT_STATUSES[from].includes(to);
}

/** Whether the status ends a generation, so that an event is published for it. */
export function isTerminal(status: AssetStatus): status is TerminalStatus {
  return status === 'COMPLETED' || status === 'FAILED';
}
