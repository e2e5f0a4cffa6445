/** A lock that is held. */
export interface HeldLock {
  /** Holds it for another `ttlMs` from now; false where it is no longer ours. */
  extend(ttlMs: number): Promise<boolean>;
  /** Gives it up where it is still ours. Never rejects: the time limit frees it anyway. */
  release(): Promise<void>;
}

/** `held`: somebody else has it. `unavailable`: nobody can tell, so go on without. */
export type Acquired = HeldLock | 'held' | 'unavailable';

/**
 * A lock that saves work and protects nothing: correctness is the fencing token in the row.
 *
 * It never waits for a holder. It ends by itself after `ttlMs`. A lock service that is down, frozen or full is an answer
 * (`unavailable`) within the bound of the adapter, not an error, and is told apart from a lock that is held.
 * Releasing never touches a lock that has passed to another.
 */
export interface Lock {
  acquire(name: string, ttlMs: number): Promise<Acquired>;
}
