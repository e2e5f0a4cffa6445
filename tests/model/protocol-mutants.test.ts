/*
 * One condition, write or rule is taken away at a time: the model must find out, by a counter-example.
 */
import { describe } from 'vitest';
import { provesCounterExamples } from './check-mutants.ts';
import { COUNTER_EXAMPLES } from './mutants.ts';

describe.each(Object.keys(COUNTER_EXAMPLES))('a counter-example with %s', (scenario) => {
  provesCounterExamples(scenario);
});
