import { isTerminal } from '#domain/states.ts';
import type { EpochMs } from '#domain/time.ts';
import type { Evidence } from './evidence.ts';

/**
 * From each kill to the end of each asset that the worker had in hand, in ms. A worker has in hand what it claimed, nobody
 * claimed since, and has not ended. An asset that several workers died with counts from each of the kills. Files that kill
 * are left out: they are not to recover.
 */
export function recoveriesMs(
  evidence: Pick<Evidence, 'accepted' | 'rows' | 'claims' | 'kills'>,
): readonly number[] {
  const killers = new Set(
    evidence.accepted
      .filter(({ failsWith }) => failsWith === 'RETRIES_EXHAUSTED')
      .map(({ assetId }) => assetId),
  );
  const endedAt = new Map(
    evidence.rows.map(({ assetId, history }) => [
      assetId,
      history.find(({ status }) => isTerminal(status))?.at ?? null,
    ]),
  );
  const claimsByAsset = Map.groupBy(evidence.claims, ({ assetId }) => assetId);
  const victims = new Map<string, EpochMs[]>();
  for (const { worker, at } of evidence.kills)
    victims.set(worker, [...(victims.get(worker) ?? []), at]);
  return [...claimsByAsset].flatMap(([assetId, claims]) => {
    const end = endedAt.get(assetId) ?? null;
    if (end === null || killers.has(assetId)) return [];
    const inOrder = [...claims].sort((one, other) => one.at - other.at);
    return inOrder.flatMap((claim, index) => {
      const until = Math.min(end, inOrder[index + 1]?.at ?? end);
      const kills = victims.get(claim.worker) ?? [];
      return kills.filter((at) => claim.at <= at && at < until).map((at) => end - at);
    });
  });
}
