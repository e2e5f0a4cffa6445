// That a new way to read files, and a new thing to make of them, are one file and one line of wiring each.
import { describe, expect, it } from 'vitest';
import { workerApp } from '#app/app.ts';
import { deriveFiles } from '#app/commands/derive-files.ts';
import { derivedKey } from '#domain/keys.ts';
import type { MediaType } from '#domain/media-types.ts';
import type { DerivativeMaker } from '#ports/derivative-maker.ts';
import type { Strategy } from '#ports/strategy.ts';
import { selectStrategy } from '#strategies/select.ts';
import { anAsset } from '../support/an-asset.ts';
import { APP_LIMITS, appWorld } from '../support/app-world.ts';
import { audioOf } from '../support/derivable.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';

/** A whole strategy: whatever is declared as audio is a bell. */
class BellStrategy implements Strategy {
  readonly kind = 'audio';

  async analyse(): ReturnType<Strategy['analyse']> {
    const metadata = { ...audioOf(), strategy: 'bell', strategyVersion: 1 };
    return { engine: 'ear', metadata, derivatives: [] };
  }
}

/** A whole derivative: how a bell goes. */
class DingMaker implements DerivativeMaker {
  readonly name = 'ding';

  appliesTo({ strategy }: Parameters<DerivativeMaker['appliesTo']>[0]): boolean {
    return strategy === 'bell';
  }

  async make(): ReturnType<DerivativeMaker['make']> {
    const body = new TextEncoder().encode('dong');
    return [{ name: 'ding', fileName: 'ding.txt', contentType: 'text/plain', body }];
  }
}

describe('a toy strategy and a toy derivative', () => {
  it('are wired by one line each, and then files are read and made by them', async () => {
    const world = appWorld();
    const strategies = [new BellStrategy()];
    const makers = [new DingMaker()];
    const derive = deriveFiles({
      ...world,
      makers,
      copies: { open: () => Promise.reject(new Error('nobody asked for a copy')) },
      metrics: new RecordedMetrics(),
      attemptsMax: () => 5,
      limits: { ...APP_LIMITS, derivativesAtOnce: 2 },
    });
    const select = (mediaType: MediaType) => selectStrategy(strategies, mediaType);
    const app = workerApp({ ...world, select, derive });
    const asset = await world.given(anAsset({ contentType: 'audio/flac', size: null }));
    const claimed = await world.claimed();
    const { signal } = new AbortController();
    const key = derivedKey(asset, claimed.asset.fencingToken, 'ding.txt');
    expect(await app.commands.analyseSource(claimed, signal)).toMatchObject({
      metadata: { strategy: 'bell', strategyVersion: 1 },
      probe: { engine: 'ear', requests: 0 },
      derivatives: [{ name: 'ding', status: 'ready', key, contentType: 'text/plain', size: 4 }],
    });
    expect(await world.objects.head(key)).toMatchObject({ size: 4 });
  });
});
