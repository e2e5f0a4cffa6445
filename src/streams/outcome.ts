import { type ErrorCode, type ForgeError, toForgeError } from '#domain/errors.ts';

/**
 * What becomes of a message, or of one record in it:
 * `done` is deleted; `retry` and `busy` are seen again after a while; `dead` goes to the dead-letter queue with its reason;
 * `drop` is left alone, because the asset has passed to another worker.
 */
export type Outcome =
  | { readonly kind: 'done'; readonly why: string }
  | { readonly kind: 'retry'; readonly afterSeconds: number; readonly code: ErrorCode }
  | { readonly kind: 'busy'; readonly afterSeconds: number }
  | { readonly kind: 'dead'; readonly code: ErrorCode; readonly detail: string }
  | { readonly kind: 'drop'; readonly code: ErrorCode };

/** From best to worst. A record that needs another try goes before a dead one, so that a message is buried once, at its end. */
const SEVERITY: readonly Outcome['kind'][] = ['done', 'dead', 'busy', 'retry', 'drop'];

/** The outcome a message of several records is settled by. */
export function worstOf(outcomes: readonly Outcome[]): Outcome {
  const nothing: Outcome = { kind: 'done', why: 'no record' };
  return outcomes.reduce(
    (worst, next) => (severity(next) > severity(worst) ? next : worst),
    outcomes[0] ?? nothing,
  );
}

const severity = ({ kind }: Outcome): number => SEVERITY.indexOf(kind);

/** Waits between tries: doubling from `baseSeconds` up to `capSeconds`, with full jitter. */
export interface Backoff {
  readonly baseSeconds: number;
  readonly capSeconds: number;
  /** The cap at first for those who find an asset in somebody's hands: a holder that died is found out within a lease. */
  readonly leaseSeconds: number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The wait before try `tries + 1`, in whole seconds, at least one. */
export function delaySeconds({ baseSeconds, capSeconds, random }: Backoff, tries: number): number {
  const ceiling = Math.min(capSeconds, baseSeconds * 2 ** Math.max(0, tries - 1));
  return Math.max(1, Math.ceil(random() * ceiling));
}

/** So many looks at an asset in somebody's hands wait no longer than a lease; whoever comes more often waits for long work. */
const SOON_LOOKS = 20;

/** The wait before one who found an asset in somebody's hands looks again. @param looks This one included. */
export function busySeconds(backoff: Backoff, looks: number): number {
  const { capSeconds, leaseSeconds } = backoff;
  const cap = looks <= SOON_LOOKS ? Math.min(capSeconds, leaseSeconds) : capSeconds;
  return delaySeconds({ ...backoff, capSeconds: cap }, looks);
}

/**
 * The table of kind to outcome for an error without a claim. After it a permanent error is no such thing: it is committed as
 * `FAILED`, and the job is `done`.
 */
export function outcomeOf(error: unknown, afterSeconds: number): Outcome {
  const { code, kind, message }: ForgeError = toForgeError(error);
  switch (kind) {
    case 'conflict':
      return { kind: 'drop', code };
    case 'permanent':
      return { kind: 'dead', code, detail: message };
    case 'transient':
      return { kind: 'retry', afterSeconds, code };
    default:
      return kind satisfies never;
  }
}
