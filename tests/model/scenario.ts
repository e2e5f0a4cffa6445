/** What there is in one exploration: who takes part, how often, and which faults and wishes there are. */
export interface Scenario {
  readonly workers: number;
  readonly sweepers: number;
  readonly generations: number;
  /** The budget of attempts in a generation. */
  readonly attempts: number;
  /** PUTs of different bytes, 1 or 2. */
  readonly uploads: number;
  /** Messages may be lost: an S3 event, retention, a redrive. */
  readonly loss: boolean;
  /** The client may say at any time that its upload is complete. */
  readonly hint: boolean;
  readonly cancel: boolean;
  readonly extend: boolean;
  /** Delete, restore, purge. */
  readonly remove: boolean;
  readonly derivatives: boolean;
  /** An id that was buried may be asked for again. */
  readonly reinit: boolean;
  /** The object store ignores If-None-Match. */
  readonly overwrite: boolean;
  /** The file kills whoever works on it. */
  readonly killer: boolean;
  /** Replies are not lost and calls do not fail: crashes, lapses and duplicates are all that goes wrong. */
  readonly calm: boolean;
  /** Every file is good, so that every generation ends as `COMPLETED`. */
  readonly good: boolean;
}

const BASE: Scenario = {
  workers: 1,
  sweepers: 1,
  generations: 1,
  attempts: 1,
  uploads: 1,
  loss: false,
  hint: false,
  cancel: false,
  extend: false,
  remove: false,
  derivatives: false,
  reinit: false,
  overwrite: false,
  killer: false,
  calm: false,
  good: false,
};

const named = <Name extends string>(
  scenarios: Readonly<Record<Name, Partial<Scenario>>>,
): Readonly<Record<Name, Scenario>> =>
  Object.fromEntries(
    Object.entries<Partial<Scenario>>(scenarios).map(([name, own]) => [name, { ...BASE, ...own }]),
  ) as Record<Name, Scenario>;

const lossy = { loss: true, hint: true };

/** Explored by every `npm test`: a matter of seconds in all. */
export const SMALL = named({
  'one worker': {},
  'a killer file': { killer: true, attempts: 2, hint: true },
  'lost messages': { ...lossy, attempts: 2 },
  cancel: { ...lossy, cancel: true, extend: true },
  delete: { cancel: true, remove: true, derivatives: true, reinit: true, calm: true },
  retry: { generations: 2, cancel: true, calm: true },
  'two uploads': { uploads: 2, cancel: true, hint: true },
  'two sweepers': { sweepers: 2, hint: true },
  'two sweepers, delete': { sweepers: 2, remove: true, calm: true, good: true },
  'two workers, calm': { workers: 2, attempts: 2, calm: true },
  'three workers, calm': { workers: 3, calm: true, good: true },
});

/** Explored by the command line alone. */
const LARGE = named({
  'two workers': { workers: 2 },
  'delete and retry': { generations: 2, remove: true, calm: true },
  'a store that overwrites': { uploads: 2, attempts: 2, overwrite: true, calm: true, good: true },
  'delete, derivatives': { cancel: true, remove: true, derivatives: true, reinit: true },
  'retry, two attempts': { generations: 2, attempts: 2 },
  'delete and retry, lossy': { generations: 2, remove: true, ...lossy },
  'two sweepers, delete, derivatives': { sweepers: 2, remove: true, derivatives: true },
  'two sweepers, retry': { sweepers: 2, generations: 2 },
  'two workers, lossy': { workers: 2, attempts: 2, ...lossy },
  'two workers, a killer file': { workers: 2, attempts: 2, ...lossy, killer: true },
  'two workers, cancel': { workers: 2, ...lossy, cancel: true, extend: true },
  'two workers, two uploads': { workers: 2, uploads: 2, cancel: true },
  'two workers, delete': { workers: 2, remove: true, derivatives: true },
  'two workers, retry': { workers: 2, generations: 2, calm: true },
  'three workers': { workers: 3 },
  'three generations': { generations: 3, calm: true },
});

export const SCENARIOS: Readonly<Record<string, Scenario>> = { ...SMALL, ...LARGE };
