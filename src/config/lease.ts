/** Everything that follows from how long a lease is good for; see {@link leaseTimes}. */
export interface LeaseTimes {
  readonly leaseMs: number;
  readonly lockTtlMs: number;
  readonly heartbeatMs: number;
  readonly queueVisibilitySeconds: number;
  readonly sweepEveryMs: number;
  readonly sweepDeferMs: number;
  readonly sweepDeferMsMax: number;
  readonly outboxDueMs: number;
}

/** The shortest lease: below it a single call that runs into its time-out would cost the lease. */
export const LEASE_SECONDS_MIN = 3;

/** The longest lease: an asset whose worker died waits as long for another. */
export const LEASE_SECONDS_MAX = 600;

/** Of the lease: below a third, so that two heartbeats in a row may get lost. */
const HEARTBEAT_SHARE = 12 / 45;

/** Of the lease: above it, so that a message is not seen again while its asset is still held. */
const VISIBILITY_SHARE = 60 / 45;

/** Of the lease: a command that was sent has five visibilities to be worked on before it is sent again. */
const SWEEP_DEFER_SHARE = 300 / 45;

/** Of those: where the backlog is that long, one command more an hour for each asset in it is little. */
const SWEEP_DEFERS_MAX = 12;

/** Of the lease: the worker that committed publishes at once, so an event that waits so long was given up. */
const OUTBOX_DUE_SHARE = 30 / 45;

/** Often enough to be told from what it looks for; an empty look is one query a shard. */
const SWEEP_EVERY_MS_MAX = 15_000;

/**
 * The times that have to keep their order, from the one that is tuned: visibility >= lease >= 2 heartbeats, a heartbeat
 * below a third of the lease, and a lock that outlives no lease.
 *
 * @param leaseSeconds How long a claim is good for without a sign of life, whole seconds.
 */
export function leaseTimes(leaseSeconds: number): LeaseTimes {
  const leaseMs = leaseSeconds * 1000;
  return {
    leaseMs,
    lockTtlMs: leaseMs,
    heartbeatMs: Math.floor(leaseMs * HEARTBEAT_SHARE),
    // SQS counts in whole seconds.
    queueVisibilitySeconds: Math.ceil(leaseSeconds * VISIBILITY_SHARE),
    sweepEveryMs: Math.min(SWEEP_EVERY_MS_MAX, Math.floor(leaseMs / 3)),
    sweepDeferMs: Math.floor(leaseMs * SWEEP_DEFER_SHARE),
    sweepDeferMsMax: Math.floor(leaseMs * SWEEP_DEFER_SHARE) * SWEEP_DEFERS_MAX,
    outboxDueMs: Math.floor(leaseMs * OUTBOX_DUE_SHARE),
  };
}
