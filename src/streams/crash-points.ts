import { defer, type Observable, tap } from 'rxjs';
import type { Asset } from '#domain/asset.ts';
import type { Stages } from './stages.ts';

/** Where to crash, in the terms of the stages: `commit` is persist, `ack` is remove. */
export interface StageCrash {
  readonly when: 'before' | 'after';
  /** A stage that is none of the worker's streams crashes nothing here. */
  readonly stage: string;
  /** Only for assets whose file has this name; null is any. */
  readonly fileName: string | null;
}

/**
 * Stages that crash at one point, for tests of what the next worker makes of it: before a stage has begun anything, or when
 * it is done and nobody else has heard of it yet.
 *
 *     claim           --c|
 *     before-claim    !                 nothing was called
 *     after-claim     --!               c has happened, and nobody sees it
 *
 * @param kill Ends the process. Where it returns, as in tests of this, the stage goes on.
 */
export function crashingStages(stages: Stages, crash: StageCrash, kill: () => void): Stages {
  const at = <T>(stage: string, file: Pick<Asset, 'fileName'> | null, begin: () => Observable<T>) =>
    defer(() => {
      const isHere =
        crash.stage === stage && (crash.fileName === null || crash.fileName === file?.fileName);
      if (!isHere) return begin();
      if (crash.when === 'after') return begin().pipe(tap(() => kill()));
      kill();
      return begin();
    });
  return {
    ...stages,
    lock: (job) => at('lock', null, () => stages.lock(job)),
    claim: (job, takeOver) => at('claim', null, () => stages.claim(job, takeOver)),
    analyse: (claimed) => at('analyse', claimed.asset, () => stages.analyse(claimed)),
    persist: (asset, ending) => at('commit', asset, () => stages.persist(asset, ending)),
    publish: (asset) => at('publish', asset, () => stages.publish(asset)),
    clear: (asset) => at('clear', asset, () => stages.clear(asset)),
    remove: (message) => at('ack', null, () => stages.remove(message)),
  };
}
