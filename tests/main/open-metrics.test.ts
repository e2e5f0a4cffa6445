import { afterEach, describe, expect, it } from 'vitest';
import { type OpenMetrics, openMetrics } from '#main/open-metrics.ts';
import { RecordedLog } from '../support/recorded-log.ts';

const HOST = '127.0.0.1';
const opened: OpenMetrics[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

async function open(port: number | undefined) {
  const log = new RecordedLog();
  const measured = await openMetrics({ HOST, METRICS_PORT: port }, log);
  opened.push(measured);
  return { ...measured, url: String(log.lines[0]?.fields['url']), log };
}

describe('openMetrics', () => {
  it('serves figures where the environment says, and tells where', async () => {
    const { metrics, url, log } = await open(0);
    expect(log.messages).toEqual(['metrics are served']);
    metrics.gauge('sf_limit', 16);
    expect(await (await fetch(url)).text()).toContain('sf_limit 16');
  });

  it('listens nowhere without a port, and takes figures all the same', async () => {
    const { metrics, log } = await open(undefined);
    metrics.count('sf_tests_total');
    metrics.gauge('sf_limit', 16);
    expect(log.messages).toEqual([]);
  });

  it('names the variable of a port that is taken', async () => {
    const { url } = await open(0);
    const port = Number(new URL(url).port);
    await expect(open(port)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining('METRICS_PORT'),
    });
  });
});
