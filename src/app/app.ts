import type { AssetStore } from '#ports/asset-store.ts';
import type { ObjectStore } from '#ports/object-store.ts';
import {
  type AnalyseSource,
  type AnalyseSourceDeps,
  analyseSource,
} from './commands/analyse-source.ts';
import { type ClaimAsset, type ClaimAssetDeps, claimAsset } from './commands/claim-asset.ts';
import { type ClearEvent, type ClearEventDeps, clearEvent } from './commands/clear-event.ts';
import {
  type CommitEnding,
  type CommitEndingDeps,
  commitEnding,
} from './commands/commit-ending.ts';
import { type InitUpload, type InitUploadDeps, initUpload } from './commands/init-upload.ts';
import {
  type RedriveDeadLetter,
  type RedriveDeadLetterDeps,
  redriveDeadLetter,
} from './commands/redrive-dead-letter.ts';
import {
  type ReleaseAsset,
  type ReleaseAssetDeps,
  releaseAsset,
} from './commands/release-asset.ts';
import { type RemoveStale, type RemoveStaleDeps, removeStale } from './commands/remove-stale.ts';
import { type RenewLease, type RenewLeaseDeps, renewLease } from './commands/renew-lease.ts';
import { type RetryAsset, type RetryAssetDeps, retryAsset } from './commands/retry-asset.ts';
import { type SweepAsset, type SweepAssetDeps, sweepAsset } from './commands/sweep-asset.ts';
import {
  type GatherDeadLetters,
  type GatherDeadLettersDeps,
  gatherDeadLetters,
} from './queries/gather-dead-letters.ts';
import { type GetAsset, type GetAssetDeps, getAsset } from './queries/get-asset.ts';

/** What clients can have done: the API's half. */
export interface ClientApp {
  readonly commands: { readonly initUpload: InitUpload; readonly retryAsset: RetryAsset };
  readonly queries: { readonly getAsset: GetAsset };
}

/** What messages can have done: the worker's half. */
export interface WorkerApp {
  readonly commands: {
    readonly claimAsset: ClaimAsset;
    readonly renewLease: RenewLease;
    readonly analyseSource: AnalyseSource;
    readonly releaseAsset: ReleaseAsset;
    readonly commitEnding: CommitEnding;
    readonly clearEvent: ClearEvent;
    readonly removeStale: RemoveStale;
  };
}

/** What nobody asked for in time: the sweeper's half. */
export interface SweeperApp {
  readonly commands: { readonly sweepAsset: SweepAsset };
}

/** What whoever runs StreamForge can have done about messages that nobody could work on. */
export interface OperatorApp {
  readonly commands: { readonly redriveDeadLetter: RedriveDeadLetter };
  readonly queries: { readonly gatherDeadLetters: GatherDeadLetters };
}

type Stores = { readonly assets: AssetStore; readonly objects: ObjectStore };

export type ClientAppDeps = Stores & InitUploadDeps & RetryAssetDeps & GetAssetDeps;

export type WorkerAppDeps = Stores &
  ClaimAssetDeps &
  RenewLeaseDeps &
  AnalyseSourceDeps &
  ReleaseAssetDeps &
  CommitEndingDeps &
  ClearEventDeps &
  RemoveStaleDeps;

export type OperatorAppDeps = Omit<RedriveDeadLetterDeps, 'retryAsset'> &
  RetryAssetDeps &
  GatherDeadLettersDeps;

/** Everything a client of StreamForge can do. */
export function clientApp(deps: ClientAppDeps): ClientApp {
  return {
    commands: { initUpload: initUpload(deps), retryAsset: retryAsset(deps) },
    queries: { getAsset: getAsset(deps) },
  };
}

/** Everything a worker of StreamForge does to an asset, in the order of its life. */
export function workerApp(deps: WorkerAppDeps): WorkerApp {
  return {
    commands: {
      claimAsset: claimAsset(deps),
      renewLease: renewLease(deps),
      analyseSource: analyseSource(deps),
      releaseAsset: releaseAsset(deps),
      commitEnding: commitEnding(deps),
      clearEvent: clearEvent(deps),
      removeStale: removeStale(deps),
    },
  };
}

/** Everything a sweeper does about an asset that the events lost. */
export function sweeperApp(deps: SweepAssetDeps): SweeperApp {
  return { commands: { sweepAsset: sweepAsset(deps) } };
}

/** Everything about dead letters. */
export function operatorApp(deps: OperatorAppDeps): OperatorApp {
  const redrive = redriveDeadLetter({ ...deps, retryAsset: retryAsset(deps) });
  return {
    commands: { redriveDeadLetter: redrive },
    queries: { gatherDeadLetters: gatherDeadLetters(deps) },
  };
}
