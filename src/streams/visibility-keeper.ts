import { from, ignoreElements, interval, mergeMap, type Observable, tap } from 'rxjs';
import type { QueueMessage, VisibilityChange } from '#ports/queue.ts';

/** When messages in hand are renewed. */
export interface KeeperOptions {
  /** How long each renewal hides a message. */
  readonly visibilitySeconds: number;
  /** How often the keeper looks. */
  readonly everyMs: number;
  /** Milliseconds since whenever. */
  readonly now: () => number;
}

/** Keeps received messages hidden from other workers until they are let go. */
export interface VisibilityKeeper {
  keep(message: QueueMessage): void;
  /** From here on the message is not renewed: call it before its visibility is changed or it is deleted. */
  letGo(message: QueueMessage): void;
  /** Renews while it is subscribed to; never emits or errors. */
  readonly run$: Observable<never>;
}

/**
 * Renews every message whose visibility is half over. A renewal that fails is tried at the next look: there are several
 * before the other half is over.
 *
 * @param renew Hides one message for longer; never errors. Whether it worked.
 */
export function visibilityKeeper(
  renew: (change: VisibilityChange) => Observable<boolean>,
  { visibilitySeconds, everyMs, now }: KeeperOptions,
): VisibilityKeeper {
  const hiddenUntil = new Map<QueueMessage, number>();
  const hide = (message: QueueMessage): void => {
    hiddenUntil.set(message, now() + visibilitySeconds * 1000);
  };
  const renewOne = (message: QueueMessage): Observable<boolean> => {
    const before = hiddenUntil.get(message);
    hide(message);
    return renew({ message, seconds: visibilitySeconds }).pipe(
      tap((renewed) => {
        if (!renewed && before !== undefined && hiddenUntil.has(message)) {
          hiddenUntil.set(message, before);
        }
      }),
    );
  };
  const halfOver = (): readonly QueueMessage[] =>
    [...hiddenUntil]
      .filter(([, until]) => until - now() <= visibilitySeconds * 500)
      .map(([message]) => message);
  return {
    keep: hide,
    letGo: (message) => {
      hiddenUntil.delete(message);
    },
    run$: interval(everyMs).pipe(
      mergeMap(() => from(halfOver())),
      mergeMap(renewOne),
      ignoreElements(),
    ),
  };
}
