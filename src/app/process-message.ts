import type { Asset } from '#domain/asset.ts';
import type { OutgoingMessage } from '#ports/queue.ts';

/** The command to process the generation that the row is in. Sent twice it does no harm: a claim takes it once. */
export function processMessage(
  asset: Pick<Asset, 'tenant' | 'assetId' | 'generation' | 'correlationId'>,
): OutgoingMessage {
  const { tenant, assetId, generation, correlationId } = asset;
  const body = JSON.stringify({ kind: 'process', tenant, assetId, generation });
  return { body, attributes: { correlationId } };
}
