import type { Asset, AssetKey } from '#domain/asset.ts';
import { toForgeError } from '#domain/errors.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';
import type { Log } from '#ports/log.ts';
import type { Queue } from '#ports/queue.ts';
import type { RetryAsset } from './retry-asset.ts';

export interface RedriveDeadLetterDeps {
  readonly assets: Pick<AssetStore, 'get'>;
  readonly letters: Pick<DeadLetters, 'remove'>;
  readonly queue: Pick<Queue, 'send'>;
  readonly log: Log;
  readonly retryAsset: RetryAsset;
}

/** What a letter asks for, as the worker would read it. */
export interface Wishes {
  readonly assets: readonly AssetKey[];
  /** Whether it asks for nothing but these. */
  readonly isAll: boolean;
}

/** What became of a letter. */
export interface Redriven {
  /** Assets that were FAILED, and the generation that each has now. */
  readonly reopened: readonly (AssetKey & Pick<Asset, 'generation'>)[];
  /** Whether the message itself is in the work queue again. */
  readonly sentBack: boolean;
  /** False where it is still in the dead-letter queue as well: redriving it again does no harm. */
  readonly removed: boolean;
}

export type RedriveDeadLetter = (
  letter: DeadLetter,
  wishes: Wishes,
  signal?: AbortSignal,
) => Promise<Redriven>;

/**
 * Gives a dead letter another chance. An asset that has FAILED gets a new generation, because its old one is over and a
 * message about it would be acked unread. Whatever else the letter asks for is asked again: the message goes back to the work
 * queue as it was. Only then is the letter removed: a crash in between leaves it twice, which does no harm.
 *
 * @throws ForgeError The letter stays where it is. Transient: another time it may go; conflict: the asset's event is not out.
 */
export function redriveDeadLetter(deps: RedriveDeadLetterDeps): RedriveDeadLetter {
  const { letters, queue, log } = deps;
  return async (letter, { assets, isAll }, signal) => {
    const reopened: Redriven['reopened'][number][] = [];
    for (const key of assets) {
      const generation = await reopen(deps, key, signal);
      if (generation !== null) reopened.push({ ...key, generation });
    }
    const sentBack = !isAll || reopened.length < assets.length;
    const { id, body, attributes, reason } = letter;
    if (sentBack) await queue.send({ body, attributes }, signal);
    const [removed = false] = await letters.remove([letter], signal);
    log.info({ letter: id, code: reason?.code, reopened, sentBack, removed }, 'letter redriven');
    return { reopened, sentBack, removed };
  };
}

/** The generation that was opened, or null where the asset is not FAILED, or is no more. */
async function reopen(
  { assets, retryAsset }: RedriveDeadLetterDeps,
  key: AssetKey,
  signal?: AbortSignal,
): Promise<number | null> {
  const row = await assets.get(key, signal);
  if (!row || !hasFailed(row)) return null;
  try {
    return (await retryAsset(key, signal)).asset.generation;
  } catch (error) {
    if (toForgeError(error).kind === 'transient') throw error;
    // Two letters about one asset: the other one was faster. Or the asset was deleted just now.
    const now = await assets.get(key, signal);
    if (now && hasFailed(now)) throw error;
    return null;
  }
}

const hasFailed = ({ status, deletedAt }: Asset): boolean =>
  status === 'FAILED' && deletedAt === undefined;
