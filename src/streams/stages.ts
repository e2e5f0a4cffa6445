import type { Observable } from 'rxjs';
import type { Claim, Claimed } from '#app/commands/claim-asset.ts';
import type { ReleaseReason } from '#app/commands/release-asset.ts';
import type { Asset, AssetResult, Ending } from '#domain/asset.ts';
import type { Acquired, HeldLock } from '#ports/lock.ts';
import type { QueueMessage } from '#ports/queue.ts';
import type { Foreign, Job } from './job.ts';

/**
 * Everything the worker does to the world, each as a function that returns an observable of one value: so a marble test
 * passes `cold()` in its place. An error of a stage is final: retrying is done inside it.
 */
export interface Stages {
  poll(): Observable<QueueMessage>;
  /** Whether there is an object behind a key that is none of ours. */
  inspect(foreign: Foreign): Observable<boolean>;
  lock(job: Job): Observable<Acquired>;
  unlock(lock: HeldLock): Observable<unknown>;
  /** @param takeOver Whether a suspect may be claimed, too. */
  claim(job: Job, takeOver: boolean): Observable<Claim>;
  analyse(claimed: Claimed): Observable<AssetResult>;
  /** One sign of life for everything that is held while an analysis runs. */
  beat(claimed: Claimed, lock: HeldLock | null): Observable<unknown>;
  release(asset: Asset, reason: ReleaseReason): Observable<void>;
  persist(asset: Asset, ending: Ending): Observable<Asset>;
  /** Whether the bus took the event that waits in the row. */
  publish(asset: Asset): Observable<boolean>;
  /** Forgets the event that was published. */
  clear(asset: Asset): Observable<void>;
  /** Removes what earlier attempts at a committed asset have left behind. */
  tidy(asset: Asset): Observable<unknown>;
  remove(message: QueueMessage): Observable<boolean>;
  delay(message: QueueMessage, seconds: number): Observable<boolean>;
  bury(message: QueueMessage, reason: { code: string; detail: string }): Observable<boolean>;
  /** Keeps the message no longer: it comes again when its visibility ends. */
  leave(message: QueueMessage): Observable<boolean>;
}
