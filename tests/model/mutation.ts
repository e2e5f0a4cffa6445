import type { Asset, AssetStatus } from '#domain/asset.ts';
import type { Change } from '#domain/protocol.ts';
import { changeOf, MODEL_STEPS, type ModelStep, writeOf } from './changes.ts';
import { numberOfStatus } from './rows.ts';

/** Attributes that some rule of the protocol looks at; the others are what it is all for, but nothing depends on them. */
const TRACKED: readonly string[] = [
  'status',
  'generation',
  'fencingToken',
  'attempts',
  'leaseUntil',
  'dueAt',
  'claimId',
  'sourceEtag',
  'eventId',
  'event',
  'uploadExpiresAt',
  'deletedAt',
  'purgingAt',
] satisfies readonly (keyof Asset)[];

const PARTS = ['set', 'setIfAbsent', 'add', 'remove'] as const;

/** Changes of more than one entry, by the name of the mutant. */
const REWRITTEN: Readonly<Record<string, readonly [ModelStep, (change: Change) => Change]>> = {
  'claim: EXPIRED is final': ['claim', (change) => claiming(change, ['PENDING', 'PROCESSING'])],
  'claim: PROCESSING is never taken over': [
    'claim',
    (change) => claiming(change, ['PENDING', 'EXPIRED']),
  ],
  'claim: overwrites the ETag': [
    'claim',
    (change) => ({ ...change, set: { ...change.set, ...change.setIfAbsent } }),
  ],
  'retry: resets the token': [
    'retry',
    (change) => ({ ...change, set: { ...change.set, fencingToken: 0 } }),
  ],
};

const claiming = (change: Change, statuses: readonly AssetStatus[]): Change => ({
  ...change,
  only: { ...change.only, status: { attr: 'status', oneOf: statuses } },
});

/** Mutants that change what a step writes in more than one entry. */
export const REWRITES: readonly string[] = Object.keys(REWRITTEN);

/** The change without whatever the mutants take away: `commit.token` is a condition, `commit.set.event` a write. */
export function mutated(change: Change, mutants: ReadonlySet<string>): Change {
  if (mutants.size === 0) return change;
  const { step } = change;
  const kept = <T>(part: string, entries: Readonly<Record<string, T>> = {}): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).filter(([name]) => !mutants.has(`${part}.${name}`)));
  let next: Change = {
    ...change,
    only: kept(step, change.only),
    set: kept(`${step}.set`, change.set),
    setIfAbsent: kept(`${step}.setIfAbsent`, change.setIfAbsent),
    add: kept(`${step}.add`, change.add),
    remove: (change.remove ?? []).filter((name) => !mutants.has(`${step}.remove.${name}`)),
  };
  for (const [name, [of, rewrite]] of Object.entries(REWRITTEN)) {
    if (of === step && mutants.has(name)) next = rewrite(next);
  }
  return next;
}

/** Every form a step's change may take. */
const formsOf = (step: ModelStep): readonly Change[] =>
  (['COMPLETED', 'EXPIRED'] as const).flatMap((status) =>
    [1, 2].map((event) =>
      changeOf(
        writeOf(step, {
          generation: 1,
          event,
          status: numberOfStatus(status),
          refund: event === 1,
        }),
        1,
      ),
    ),
  );

const namesOf = (part: Change[(typeof PARTS)[number]]): readonly string[] =>
  Array.isArray(part) ? part : Object.keys(part ?? {});

/** Every condition of every step, as data finds them: one that is added to the protocol is a mutant at once. */
export const CONDITIONS: readonly string[] = MODEL_STEPS.flatMap((step) => [
  ...new Set(
    formsOf(step).flatMap(({ only }) => Object.keys(only).map((name) => `${step}.${name}`)),
  ),
]);

/** Every write of every step that some rule looks at. */
export const WRITES: readonly string[] = MODEL_STEPS.flatMap((step) => [
  ...new Set(
    formsOf(step).flatMap((change) =>
      PARTS.flatMap((part) =>
        namesOf(change[part])
          .filter((name) => TRACKED.includes(name))
          .map((name) => `${step}.${part}.${name}`),
      ),
    ),
  ),
]);
