import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Metrics } from '#ports/metrics.ts';

export interface OpenedMetrics {
  readonly metrics: Metrics;
  /** Every figure as whoever watches finds it, under `name` or `name{label="value"}`. */
  read(): Promise<Readonly<Record<string, number>>>;
  close(): void;
}

/** Proves the prose of the `Metrics` port on whatever `open` opens. */
export function metricsContract(name: string, open: () => Promise<OpenedMetrics>): void {
  describe(`${name} keeps the Metrics contract`, () => {
    let opened: OpenedMetrics;
    let metrics: Metrics;
    beforeEach(async () => {
      opened = await open();
      metrics = opened.metrics;
    });
    afterEach(() => opened.close());

    it('has no figures before there are any', async () => {
      expect(await opened.read()).toEqual({});
    });

    it('adds counts up, by one unless told', async () => {
      metrics.count('sf_tests_total');
      metrics.count('sf_tests_total');
      metrics.count('sf_tests_total', {}, 5);
      metrics.count('sf_none_total', {}, 0);
      expect(await opened.read()).toEqual({ sf_tests_total: 7, sf_none_total: 0 });
    });

    it('keeps counts of other labels apart', async () => {
      metrics.count('sf_tests_total', { outcome: 'done' });
      metrics.count('sf_tests_total', { outcome: 'dead' }, 2);
      metrics.count('sf_tests_total', { outcome: 'done' }, 3);
      expect(await opened.read()).toEqual({
        'sf_tests_total{outcome="done"}': 4,
        'sf_tests_total{outcome="dead"}': 2,
      });
    });

    it('shows the last value of a gauge, of each of its labels', async () => {
      for (const value of [3, 0.5, -1]) metrics.gauge('sf_limit', value);
      metrics.gauge('sf_open', 1, { dependency: 'store' });
      metrics.gauge('sf_open', 1, { dependency: 'events' });
      metrics.gauge('sf_open', 0, { dependency: 'store' });
      expect(await opened.read()).toEqual({
        sf_limit: -1,
        'sf_open{dependency="store"}': 0,
        'sf_open{dependency="events"}': 1,
      });
    });

    it('shows the same until something changes', async () => {
      metrics.count('sf_tests_total', { a: '1', b: '2' });
      metrics.gauge('sf_limit', 16);
      const first = await opened.read();
      expect(await opened.read()).toEqual(first);
      metrics.count('sf_tests_total', { a: '1', b: '2' });
      expect(await opened.read()).toEqual({ 'sf_tests_total{a="1",b="2"}': 2, sf_limit: 16 });
    });

    it.each([
      ['no name', () => metrics.count('')],
      ['a name that is none', () => metrics.gauge('9 lives\n', 1)],
      ['no number', () => metrics.gauge('sf_odd', Number.NaN)],
      ['a count that shrinks', () => metrics.count('sf_odd_total', {}, -1)],
      ['an odd label', () => metrics.count('sf_odd_total', { 'a b': '"\\\n' })],
    ])('never throws, given %s', async (_, odd) => {
      expect(odd).not.toThrow();
      metrics.gauge('sf_limit', 16);
      expect(await opened.read()).toMatchObject({ sf_limit: 16 });
    });
  });
}
