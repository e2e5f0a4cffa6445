import type { Asset, AssetKey } from '#domain/asset.ts';
import type { ProcessCommand } from '#domain/command.ts';
import { sourceKey } from '#domain/keys.ts';
import { claim } from '#domain/protocol.ts';
import { isTerminal } from '#domain/states.ts';
import type { EpochMs } from '#domain/time.ts';
import type { AssetStore } from '#ports/asset-store.ts';
import type { Clock } from '#ports/clock.ts';
import type { Log } from '#ports/log.ts';
import type { ObjectHead, ObjectStore } from '#ports/object-store.ts';

/** A claimed asset, and the object as it was found: null where it is gone. */
export interface Claimed {
  readonly kind: 'claimed';
  readonly asset: Asset;
  readonly head: ObjectHead | null;
}

/**
 * What came of a claim. `unpublished` is a finished asset whose event still waits; `idle` needs nothing from this message;
 * `unknown` is an object that no row knows of; `again` is a race that another try will settle. `suspect` is an asset whose
 * last worker died with it in hand, perhaps of it: it is taken over only where `takeOver` says so.
 */
export type Claim =
  | Claimed
  | { readonly kind: 'unpublished'; readonly asset: Asset }
  | {
      readonly kind: 'idle';
      readonly why: 'finished' | 'superseded' | 'gone' | 'cancelled' | 'no bytes yet';
    }
  | { readonly kind: 'busy' }
  | { readonly kind: 'suspect'; readonly attempts: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'again' };

export interface ClaimAssetDeps {
  readonly assets: AssetStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: { readonly leaseMs: number };
}

/** How an attempt begins. */
export interface ClaimOptions {
  /** The caller's, the same when the call is repeated: so a lost reply is recognised. */
  readonly claimId: string;
  /** Takes an asset whose last worker died with it in hand, too. */
  readonly takeOver: boolean;
}

export type ClaimAsset = (
  command: ProcessCommand,
  options: ClaimOptions,
  signal?: AbortSignal,
) => Promise<Claim>;

/**
 * Takes the asset of a command for one attempt, or finds out why not.
 *
 * HEAD comes first: without bytes there is nothing to claim, unless S3 itself said that there were some.
 *
 * @throws ForgeError `STORE_UNAVAILABLE`, `OBJECT_STORE_UNAVAILABLE` (transient), `ACCESS_DENIED` (transient).
 */
export function claimAsset({ assets, objects, clock, log, limits }: ClaimAssetDeps): ClaimAsset {
  return async (command, { claimId, takeOver }, signal) => {
    const key: AssetKey = { tenant: command.tenant, assetId: command.assetId };
    const head = await objects.head(sourceKey(key), signal);
    // S3 told which bytes arrived: where others are there by now, the source has changed.
    let sourceEtag = command.etag ?? head?.etag;
    if (sourceEtag === undefined) {
      const row = await assets.get(key, signal);
      // Bytes that an earlier claim saw and that are gone since are an ending: nobody else would ever tell.
      if (row?.sourceEtag === undefined) return look(row, false);
      sourceEtag = row.sourceEtag;
    }

    const at = clock.now();
    const { generation } = command;
    const leaseUntil = at + limits.leaseMs;
    const change = claim({ at, generation, claimId, sourceEtag, leaseUntil, takeOver });
    const written = await assets.write(key, change, signal);
    if (!written.applied && !isMine(written.asset)) return look(written.asset, true);
    const asset = written.asset as Asset;
    const { attempts, fencingToken, correlationId } = asset;
    log.info({ ...key, generation, attempts, fencingToken, correlationId }, 'asset claimed');
    return { kind: 'claimed', asset, head };

    function isMine(row: Asset | null): boolean {
      return row?.status === 'PROCESSING' && row.claimId === claimId;
    }

    async function look(row: Asset | null, claimable: boolean): Promise<Claim> {
      if (row === null) return head ? { kind: 'unknown' } : { kind: 'idle', why: 'gone' };
      if (row.status === 'CANCELLED') {
        await objects.remove(sourceKey(key), signal);
        return { kind: 'idle', why: 'cancelled' };
      }
      return lookAtLive(row, command, { claimable, takeOver }, clock.now());
    }
  };
}

function lookAtLive(
  row: Asset,
  command: ProcessCommand,
  { claimable, takeOver }: { readonly claimable: boolean; readonly takeOver: boolean },
  now: EpochMs,
): Claim {
  if (row.status === 'PURGED' || row.deletedAt !== undefined) return { kind: 'idle', why: 'gone' };
  if (row.generation !== command.generation) return { kind: 'idle', why: 'superseded' };
  if (isTerminal(row.status)) {
    return row.event ? { kind: 'unpublished', asset: row } : { kind: 'idle', why: 'finished' };
  }
  const leaseUntil = row.leaseUntil ?? 0;
  if (row.status === 'PROCESSING' && leaseUntil >= now) return { kind: 'busy' };
  if (claimable && !takeOver && row.status === 'PROCESSING' && leaseUntil > 0) {
    return { kind: 'suspect', attempts: row.attempts };
  }
  return claimable ? { kind: 'again' } : { kind: 'idle', why: 'no bytes yet' };
}
