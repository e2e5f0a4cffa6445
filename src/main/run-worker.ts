import { EMPTY, finalize, merge, type Observable, ReplaySubject, Subject, takeUntil } from 'rxjs';
import { LIMITS } from '#config/limits.ts';
import { ForgeError } from '#domain/errors.ts';
import type { Settlement } from '#streams/settle.ts';
import type { WorkerSignals } from './wire-engine.ts';
import { within } from './within.ts';

/** A worker at work. */
export interface RunningWorker {
  /** Resolves when the worker has drained; rejects for a bug. */
  readonly done: Promise<void>;
  /**
   * Takes no more messages, finishes what it has, and gives back what is not finished after `drainMs`.
   *
   * @throws ForgeError `ABORTED` (transient) where even that is not done soon after: the rest comes back by itself, when
   * its leases lapse.
   */
  drain(): Promise<void>;
  /** Gives back at once what it has. Resolves when that is done, or soon, whatever hangs. */
  abandon(): Promise<void>;
}

/**
 * Subscribes to a worker, here and nowhere else.
 *
 * @param drainMs How long a drain waits before it gives back what is under way.
 * @param background$ Goes on beside the worker, and ends with it.
 */
export function runWorker(
  wire: (signals: WorkerSignals) => Observable<Settlement>,
  drainMs: number,
  background$: Observable<unknown> = EMPTY,
): RunningWorker {
  const stop$ = new Subject<void>();
  // It replays, so that a job whose claim is still under way hears of it too.
  const abort$ = new ReplaySubject<void>(1);
  const done = new Promise<void>((resolve, reject) => {
    const ended$ = new Subject<void>();
    const work$ = wire({ stop$, abort$ }).pipe(finalize(() => ended$.next()));
    merge(background$.pipe(takeUntil(ended$)), work$).subscribe({
      error: reject,
      complete: resolve,
    });
  });
  let abandoned: Promise<boolean> | null = null;
  const abandon = (): Promise<boolean> => {
    stop$.next();
    abort$.next();
    abandoned ??= within(LIMITS.abandonMs, done);
    return abandoned;
  };
  return {
    done,
    drain: async () => {
      stop$.next();
      if ((await within(drainMs, done)) || (await abandon())) return;
      throw new ForgeError('ABORTED', 'transient', 'not all could be given back in time');
    },
    abandon: async () => {
      await abandon().catch(() => {});
    },
  };
}
