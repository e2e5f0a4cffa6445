import type { Asset, Failure } from './asset.ts';

/** Why an asset is given up: its attempts ended without an ending, `attemptsMade` of them. Another time it may go well. */
export function exhausted(asset: Pick<Asset, 'lastError'>, attemptsMade: number): Failure {
  const last = asset.lastError ? `; the last one ended with ${asset.lastError}` : '';
  const detail = `${attemptsMade} attempts did not end${last}`;
  return { code: 'RETRIES_EXHAUSTED', detail, stage: 'analyse', retryable: true };
}
