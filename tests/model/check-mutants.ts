import { expect, it } from 'vitest';
import { explore } from './explore.ts';
import { COUNTER_EXAMPLES } from './mutants.ts';
import { SCENARIOS } from './scenario.ts';

/** One test per mutant that has a counter-example in the scenario. */
export function provesCounterExamples(scenario: string): void {
  const bounds = SCENARIOS[scenario];
  if (!bounds) throw new Error(`there is no scenario "${scenario}"`);
  it.each(COUNTER_EXAMPLES[scenario] ?? [])('%s', { timeout: 60_000 }, (mutant) => {
    const { violation, trace } = explore(bounds, [mutant]);
    expect(violation).not.toBeNull();
    expect(trace.length).toBeGreaterThan(0);
  });
}
