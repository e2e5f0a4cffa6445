// The contract as a scraper sees it, over a real port; and what it is told about the figures.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { PrometheusMetrics } from '#telemetry/prometheus-metrics.ts';
import { metricsContract } from '../contracts/metrics.contract.ts';

const SAMPLE = /^([a-z_]+(?:\{.*\})?) (-?[0-9.e+]+)$/;

/** What a scraper keeps of the text: every sample of a name we could have given. */
function samples(text: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name = '', value = ''] = SAMPLE.exec(line) ?? [];
      return name === '' ? [] : [[name, Number(value)]];
    }),
  );
}

let metrics: PrometheusMetrics | undefined;
afterEach(() => metrics?.close());

async function listening() {
  metrics = new PrometheusMetrics();
  return { metrics, url: await metrics.listen('127.0.0.1', 0) };
}

metricsContract('PrometheusMetrics', async () => {
  const { metrics: opened, url } = await listening();
  return {
    metrics: opened,
    read: async () => samples(await (await fetch(url)).text()),
    close: () => opened.close(),
  };
});

describe('PrometheusMetrics', () => {
  it('tells a scraper what kind each figure is, in its own format', async () => {
    const { metrics, url } = await listening();
    metrics.count('sf_tests_total', { outcome: 'done' });
    metrics.gauge('sf_limit', 16);
    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    const text = await answer.text();
    expect(text).toContain('# TYPE sf_tests_total counter\nsf_tests_total{outcome="done"} 1\n');
    expect(text).toContain('# TYPE sf_limit gauge\nsf_limit 16\n');
    expect(text).not.toMatch(/otel_scope|target_info/);
  });

  it('escapes what would end a label', async () => {
    const { metrics, url } = await listening();
    metrics.count('sf_tests_total', { reason: 'a"b\\c\nd' });
    expect(await (await fetch(url)).text()).toContain('{reason="a\\"b\\\\c\\nd"} 1\n');
  });

  it('answers nothing else', async () => {
    const { url } = await listening();
    expect((await fetch(new URL('/', url))).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  it('answers no more once it is closed', async () => {
    const { metrics, url } = await listening();
    await (await fetch(url)).text();
    metrics.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('leaves nobody who is connected and says nothing', async () => {
    const { metrics, url } = await listening();
    const idle = connect(Number(new URL(url).port), '127.0.0.1');
    // An answer on another connection: by then the server knows of this one.
    await once(idle, 'connect');
    await (await fetch(url)).text();
    const closed = once(idle, 'close');
    metrics.close();
    await expect(closed).resolves.toBeDefined();
  });

  it('does without being closed where it never listened', () => {
    expect(() => new PrometheusMetrics().close()).not.toThrow();
  });

  it('says so where the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const listening = new PrometheusMetrics().listen('127.0.0.1', port);
    await expect(listening).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
  });
});
