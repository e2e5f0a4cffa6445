/*
 * Three workers and a sweeper, explored; in a file of its own, so that it runs beside the other scenarios.
 */
import { expect, it } from 'vitest';
import { explore } from './explore.ts';
import { SMALL } from './scenario.ts';

it('has nothing wrong with three workers', { timeout: 120_000 }, () => {
  const { violation, trace, finished } = explore(SMALL['three workers, calm']);
  expect({ violation, trace }).toEqual({ violation: null, trace: [] });
  expect(finished).toBeGreaterThan(0);
});
