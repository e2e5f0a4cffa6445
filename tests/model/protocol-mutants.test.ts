/*
 * One condition, write or rule is taken away at a time: the model must find out, by a counter-example.
 */
import { describe, expect, it } from 'vitest';
import { provesCounterExamples } from './check-mutants.ts';
import { explore } from './explore.ts';
import { COUNTER_EXAMPLES, REDUNDANT } from './mutants.ts';
import { SMALL } from './scenario.ts';

describe.each(Object.keys(COUNTER_EXAMPLES))('a counter-example with %s', (scenario) => {
  provesCounterExamples(scenario);
});

describe('a second line, missed by nobody in the smallest scenario', () => {
  it.each(Object.keys(REDUNDANT))('%s', (mutant) => {
    expect(explore(SMALL['one worker'], [mutant]).violation).toBeNull();
  });
});
