import { filter, interval, type Observable, take } from 'rxjs';
import type { ErrorCode } from '#domain/errors.ts';
import type { Circuit } from '#ports/circuit.ts';

/** What a job cannot do without, and how each is doing. */
export interface Circuits {
  readonly store: Pick<Circuit, 'admits'>;
  readonly objects: Pick<Circuit, 'admits'>;
}

/** Whether an error is one of many, because a dependency is out. */
export interface Outage {
  isOut(code: ErrorCode): boolean;
  /** Emits once and completes when the dependency is asked again, to see whether it is back. */
  back(code: ErrorCode): Observable<unknown>;
}

const DEPENDENCY: Partial<Record<ErrorCode, keyof Circuits>> = {
  STORE_UNAVAILABLE: 'store',
  OBJECT_STORE_UNAVAILABLE: 'objects',
};

/** Tells an outage from a single failure by the circuit breakers. @param lookEveryMs How often `back` looks. */
export function outageOf(circuits: Circuits, lookEveryMs: number): Outage {
  const admits = (code: ErrorCode): Circuit['admits'] => {
    const dependency = DEPENDENCY[code];
    return dependency ? circuits[dependency].admits : 'all';
  };
  return {
    isOut: (code) => admits(code) !== 'all',
    back: (code) =>
      interval(lookEveryMs).pipe(
        filter(() => admits(code) !== 'none'),
        take(1),
      ),
  };
}
