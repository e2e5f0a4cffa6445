import { bury, cancel, extend, purge, reopen, restore, softDelete } from '#domain/lifecycle.ts';
import { type Change, claim, clearOutbox, commit, release, renew } from '#domain/protocol.ts';
import { defer, expire, fail, unlist } from '#domain/sweeping.ts';
import { aFailure, aResult } from '../support/an-asset.ts';
import {
  etagOf,
  generationOfEvent,
  LATER,
  NOW,
  REV,
  statusOf,
  statusOfEvent,
  thinEvent,
} from './rows.ts';

/** What a process brings to a conditional write, in small numbers: equal writes of equal rows are computed once. */
export interface Write {
  readonly step: ModelStep;
  readonly generation: number;
  readonly token: number;
  readonly upload: number;
  readonly event: number;
  /** The status that was read, for the steps that depend on it; see `numberOfStatus`. */
  readonly status: number;
  readonly takeOver: boolean;
  readonly refund: boolean;
  /** Whether the row is as it was read. */
  readonly fresh: boolean;
}

/** The claim id of whoever is claiming just now. */
export const MY_CLAIM = 'my claim';

const at = NOW;
const later = { at, dueAt: LATER };
const read = ({ fresh, generation }: Write) => ({ rev: fresh ? REV : REV - 1, generation });
const held = ({ token, generation }: Write) => ({ fencingToken: token, generation });
const asRead = ({ status, generation }: Write) => ({ status: statusOf(status), generation });
const told = (event: number) => thinEvent(generationOfEvent(event), statusOfEvent(event));

/** The protocol itself: every step is made by the very function that the application makes it by. */
const CHANGES = {
  claim: (w: Write) =>
    claim({
      at,
      generation: w.generation,
      claimId: MY_CLAIM,
      sourceEtag: etagOf(w.upload),
      leaseUntil: LATER,
      takeOver: w.takeOver,
    }),
  renew: (w: Write) => renew(held(w), { at, leaseUntil: LATER }),
  release: (w: Write) =>
    release(held(w), { ...later, lastError: 'x', code: 'INTERNAL', refund: w.refund }),
  commit: (w: Write) => {
    const event = told(w.event);
    const ending = event.status === 'COMPLETED' ? { result: aResult() } : { failure: aFailure() };
    return commit(held(w), { at, ending: { ...ending, event } });
  },
  clearOutbox: (w: Write) => clearOutbox({ at, eventId: told(w.event).eventId }),
  defer: (w: Write) => defer(read(w), later),
  fail: (w: Write, attemptsMax: number) =>
    fail(read(w), { ...later, attemptsMax, failure: aFailure(), event: told(w.event) }),
  expire: (w: Write) => expire(read(w), { at }),
  unlist: (w: Write) => unlist(read(w), { at }),
  extend: () => extend({ ...later, uploadExpiresAt: LATER }),
  cancel: () => cancel(later),
  retry: (w: Write) => reopen('retry', w, later),
  delete: (w: Write) => softDelete(asRead(w), later),
  restore: (w: Write) => restore(asRead(w), later),
  purge: (w: Write) => purge(read(w), { at }),
  bury: (w: Write) => bury(w, { at }),
} satisfies Record<string, (w: Write, attemptsMax: number) => Change>;

/** The steps the model takes; `reprocess` is `retry` by another name. */
export type ModelStep = keyof typeof CHANGES;
export const MODEL_STEPS = Object.keys(CHANGES) as readonly ModelStep[];

const NOTHING: Omit<Write, 'step'> = {
  generation: 0,
  token: 0,
  upload: 0,
  event: 0,
  status: 0,
  takeOver: false,
  refund: false,
  fresh: false,
};

export const writeOf = (step: ModelStep, brings: Partial<Write> = {}): Write => ({
  ...NOTHING,
  ...brings,
  step,
});

export const changeOf = (write: Write, attemptsMax: number): Change =>
  CHANGES[write.step](write, attemptsMax);

/** A number that two writes share only if they are the same. */
export function keyOf(w: Write): number {
  const flags = (w.takeOver ? 1 : 0) + (w.refund ? 2 : 0) + (w.fresh ? 4 : 0);
  const small = (((w.generation * 4 + w.upload) * 8 + w.event) * 8 + w.status) * 8 + flags;
  return (small * 32 + MODEL_STEPS.indexOf(w.step)) * 256 + w.token;
}
