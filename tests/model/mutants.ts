import { CONDITIONS, REWRITES, WRITES } from './mutation.ts';

/** Rules of the processes, and assumptions about the world, each taken away or broken. */
const RULES: readonly string[] = [
  'create.absent',
  'every write: rev stays',
  'claim: without HEAD',
  "claim: the job believes the message's generation",
  'claim: a spent asset is tried again',
  'claim: a lost reply is not recognised',
  'suspect: taken over in passing',
  'suspect: never taken over',
  'reads: not pinned to the ETag',
  'commit: a lost reply is not recognised',
  'commit: an error is taken for success',
  'publish: before the commit',
  'clearOutbox: although the publish failed',
  'ack: right after the claim',
  'ack: when busy',
  'ack: when the token is lost',
  'ack: between commit and publish',
  'sweeper: none',
  'sweeper: no publish',
  'sweeper: no fail',
  'sweeper: no command for a lapsed lease',
  'sweeper: no command for bytes without event',
  'sweeper: acts on what is not due',
  'sweeper: does not look at the lease',
  'sweeper: expires although there are bytes',
  'sweeper: expires before the URL does',
  'cancel: late bytes stay',
  'cancel: cleans up before URL expiry',
  'unlist: never',
  'extend: a URL is signed without it',
  'purge: without purgingAt',
  'bury: before the objects go',
  'bury: removes the item',
  'assumed: late bytes keep their event',
  'assumed: purge after URL expiry',
  'assumed: purge after uploads',
  'assumed: purge after jobs',
];

/** Everything that is taken away, one at a time. */
export const MUTANTS: readonly string[] = [...CONDITIONS, ...WRITES, ...REWRITES, ...RULES];

/** Second lines: what each of these guards is guarded by something else as well, and why it is kept. */
export const REDUNDANT: Readonly<Record<string, string>> = {};
