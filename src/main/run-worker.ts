import { EMPTY, finalize, merge, type Observable, ReplaySubject, Subject, takeUntil } from 'rxjs';
import type { Settlement } from '#streams/settle.ts';
import type { WorkerSignals } from './wire-engine.ts';

/** A worker at work. */
export interface RunningWorker {
  /** Resolves when the worker has drained; rejects for a bug. */
  readonly done: Promise<void>;
  /** Takes no more messages, finishes what it has, and gives back what is not finished after `drainMs`. */
  drain(): Promise<void>;
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
  return {
    done,
    drain: async () => {
      stop$.next();
      const timer = setTimeout(() => abort$.next(), drainMs);
      await done.finally(() => clearTimeout(timer));
    },
  };
}
