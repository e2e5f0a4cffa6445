import type { Asset } from '#domain/asset.ts';
import { mayFollow } from '#domain/states.ts';
import type { ModelStep } from './changes.ts';
import { isDue, isLive } from './rows.ts';

/** What a write is judged by, besides the row. */
interface Circumstances {
  readonly takeOver: boolean;
  /** Whether nobody has claimed the asset since whoever writes did. */
  readonly isLatest: boolean;
  /** Whether the row's generation has ended before. */
  readonly ended: boolean;
  readonly published: number;
}

type Judge = (before: Asset, after: Asset, now: Circumstances) => string;

const claimed: Judge = (before, after, { takeOver }) => {
  if (after.sourceEtag === undefined) return 'nothing says which bytes the first claim saw';
  if (before.deletedAt) return 'a deleted asset is processed';
  if (before.status !== 'PROCESSING') return '';
  if (isLive(before)) return 'a live claim is taken over';
  return before.leaseUntil && !takeOver ? 'a suspect is taken over in passing' : '';
};

const JUDGES: Partial<Readonly<Record<ModelStep, Judge>>> = {
  claim: claimed,
  fail: (before, _, { ended }) => {
    if (ended) return 'a generation ends twice';
    return isLive(before) ? 'the sweeper fails a live job' : '';
  },
  commit: (_before, _after, { isLatest, ended }) => {
    if (!isLatest) return 'the result of an older claim is committed';
    return ended ? 'a generation ends twice' : '';
  },
  cancel: (_, after) => (after.status === 'CANCELLED' ? '' : 'a cancelled asset goes on'),
  retry: (_, after) => (after.attempts === 0 ? '' : 'a generation begins with attempts spent'),
  bury: (_, after) => (after.status === 'PURGED' ? '' : 'a buried asset is no tombstone'),
  restore: ({ purgingAt }) =>
    purgingAt ? 'restore resurrects an asset whose objects may be gone' : '',
  purge: (before) => {
    if (!before.deletedAt) return 'an asset that is not deleted is purged';
    return isDue(before) ? '' : 'a deleted asset is purged before its time';
  },
};

/** What is wrong with a write that was accepted; empty where nothing is. */
export function faultOf(
  step: ModelStep,
  before: Asset,
  after: Asset,
  circumstances: Circumstances,
): string {
  if (before.status === 'PURGED') return 'a purged asset changes';
  if (before.status !== after.status && !mayFollow(before.status, after.status)) {
    return `${before.status} becomes ${after.status}`;
  }
  return JUDGES[step]?.(before, after, circumstances) ?? '';
}
