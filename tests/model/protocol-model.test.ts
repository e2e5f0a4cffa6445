/*
 * The protocol, explored: workers, sweepers, a client, faults. Every state that can be reached in the small scenarios is
 * looked at; `npm run model` explores larger ones. The steps are those of src/domain, so the model cannot drift from them.
 */
import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { COUNTER_EXAMPLES, MUTANTS, REDUNDANT } from './mutants.ts';
import { SCENARIOS, SMALL } from './scenario.ts';

describe('the protocol', () => {
  it.each(Object.entries(SMALL).filter(([, { workers }]) => workers < 3))(
    'has nothing wrong with %s',
    { timeout: 120_000 },
    (_, bounds) => {
      const { violation, trace, finished } = explore(bounds);
      expect({ violation, trace }).toEqual({ violation: null, trace: [] });
      expect(finished).toBeGreaterThan(0);
    },
  );
});

describe('the list of mutants', () => {
  const found = Object.values(COUNTER_EXAMPLES).flat();

  it('says of every condition and write of every step whether it is a second line', () => {
    expect([...found, ...Object.keys(REDUNDANT)].toSorted()).toEqual(MUTANTS.toSorted());
  });

  it('names scenarios that there are', () => {
    expect(Object.keys(COUNTER_EXAMPLES).filter((name) => !(name in SCENARIOS))).toEqual([]);
  });

  it('finds the conditions in the steps themselves', () => {
    expect(MUTANTS).toEqual(expect.arrayContaining(['commit.token', 'claim.add.fencingToken']));
  });
});
