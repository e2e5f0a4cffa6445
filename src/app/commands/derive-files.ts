import { inLanes } from '#app/in-lanes.ts';
import type { Asset, Derivative } from '#domain/asset.ts';
import { type ErrorCode, ForgeError, toForgeError } from '#domain/errors.ts';
import { derivedKey } from '#domain/keys.ts';
import type { MediaMetadata } from '#domain/metadata.ts';
import type { DerivativeInput, DerivativeMaker, MadeFile } from '#ports/derivative-maker.ts';
import type { LocalCopies, LocalCopy } from '#ports/local-copies.ts';
import type { Log } from '#ports/log.ts';
import type { MediaSource } from '#ports/media-source.ts';
import type { Metrics } from '#ports/metrics.ts';
import type { ObjectStore } from '#ports/object-store.ts';

export interface DeriveFilesDeps {
  /** In the order in which the result lists what they made. */
  readonly makers: readonly DerivativeMaker[];
  readonly copies: LocalCopies;
  readonly objects: Pick<ObjectStore, 'put'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly attemptsMax: () => number;
  readonly limits: { readonly derivativesAtOnce: number };
}

/** A claimed asset, what it has turned out to be, and its bytes: a source of its own, so that the probe's is not charged. */
export interface Derivable {
  readonly asset: Asset;
  readonly metadata: MediaMetadata;
  readonly source: MediaSource;
}

export type DeriveFiles = (
  derivable: Derivable,
  signal: AbortSignal,
) => Promise<readonly Derivative[]>;

/** It could not be tried, and the file is not to blame. */
const UNTRIED: readonly ErrorCode[] = ['PROBE_UNAVAILABLE', 'PROBE_BUDGET_EXCEEDED'];

/** What is wrong with the asset, whoever stumbles over it. */
const OF_THE_SOURCE: readonly ErrorCode[] = ['SOURCE_GONE', 'SOURCE_CHANGED'];

/** What another attempt may find better: the store, or the machine's disk, memory, processes and time. */
const PASSING: readonly ErrorCode[] = [
  'OBJECT_STORE_UNAVAILABLE',
  'ACCESS_DENIED',
  'PROBE_UNAVAILABLE',
];

/**
 * Makes all that can be made of a file, and stores it under the fencing token of the asset.
 *
 * What fails costs itself and nothing else. A store out of reach, or a machine that is out of room, is a reason for another
 * attempt while there are any; the last of several attempts makes nothing, because what the others died of may have been
 * this.
 *
 * @throws ForgeError `SOURCE_GONE`, `SOURCE_CHANGED` (permanent); `OBJECT_STORE_UNAVAILABLE`, `ACCESS_DENIED`,
 * `PROBE_UNAVAILABLE` (transient) where there will be another attempt.
 */
export function deriveFiles(deps: DeriveFilesDeps): DeriveFiles {
  const { makers, copies, limits, attemptsMax } = deps;
  return async (derivable, signal) => {
    const { asset, metadata, source } = derivable;
    const fitting = makers.filter((maker) => maker.appliesTo(metadata));
    const lastAttempt = asset.attempts >= attemptsMax();
    if (lastAttempt && asset.attempts > 1) {
      return fitting.map(({ name }) => failed(name, 'left out of the last attempt'));
    }
    // One that ends it all ends the others first.
    const over = new AbortController();
    const its = AbortSignal.any([signal, over.signal]);
    const shared = sharedCopy(() => copies.open(source, metadata, its));
    const input: DerivativeInput = { metadata, source, copy: shared.copy };
    const one = async (maker: DerivativeMaker): Promise<readonly Derivative[]> => {
      try {
        return await makeAndStore(deps, { asset, maker, input, lastAttempt }, its);
      } catch (error) {
        over.abort(error);
        throw error;
      }
    };
    try {
      return (await inLanes(fitting, limits.derivativesAtOnce, one)).flat();
    } finally {
      await shared.remove();
    }
  };
}

interface Making {
  readonly asset: Asset;
  readonly maker: DerivativeMaker;
  readonly input: DerivativeInput;
  readonly lastAttempt: boolean;
}

async function makeAndStore(
  deps: DeriveFilesDeps,
  { asset, maker, input, lastAttempt }: Making,
  signal: AbortSignal,
): Promise<readonly Derivative[]> {
  const { objects, log, metrics } = deps;
  const outcomes: Derivative[] = [];
  const outcome = (derivative: Derivative): void => {
    outcomes.push(derivative);
    metrics.count('sf_derivatives_total', { name: maker.name, status: derivative.status });
  };
  const lose = (name: string, cause: unknown): void => {
    signal.throwIfAborted();
    const error = toForgeError(cause);
    const isPassing = error.kind === 'transient' && PASSING.includes(error.code);
    if (OF_THE_SOURCE.includes(error.code) || (isPassing && !lastAttempt)) throw error;
    const { tenant, assetId, generation, correlationId } = asset;
    const facts = { name, code: error.code, reason: error.message };
    log.warn({ tenant, assetId, generation, correlationId, ...facts }, 'derivative not made');
    // Only what was thrown on purpose is fit for the client.
    const reason = cause instanceof ForgeError ? error.message : 'an internal error';
    outcome({ ...failed(name, reason), ...(UNTRIED.includes(error.code) && UNAVAILABLE) });
  };
  try {
    signal.throwIfAborted();
    const files = await maker.make(input, signal);
    if (files.length === 0) outcome(failed(maker.name, 'nothing was made'));
    for (const file of files) {
      const key = derivedKey(asset, asset.fencingToken, file.fileName);
      await objects.put(key, file.body, file.contentType, signal).then(
        () => outcome(ready(file, key)),
        (error: unknown) => lose(file.name, error),
      );
    }
  } catch (error) {
    lose(maker.name, error);
  }
  return outcomes;
}

const UNAVAILABLE = { status: 'unavailable' } as const;

function failed(name: string, reason: string): Derivative {
  return { name, status: 'failed', reason };
}

function ready({ name, contentType, body, value }: MadeFile, key: string): Derivative {
  const size = body.length;
  return { name, status: 'ready', key, contentType, size, ...(value !== undefined && { value }) };
}

/** A copy that is made once, by whoever asks first. */
function sharedCopy(open: () => Promise<LocalCopy>) {
  let opened: Promise<LocalCopy> | null = null;
  return {
    copy: (): Promise<LocalCopy> => {
      opened ??= open();
      return opened;
    },
    /** Also where it is still being made; one that could not be made has removed itself. */
    remove: async (): Promise<void> => {
      const copy = await opened?.catch(() => null);
      await copy?.remove();
    },
  };
}
