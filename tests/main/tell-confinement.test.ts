import { describe, expect, it } from 'vitest';
import { ForgeError } from '#domain/errors.ts';
import { tellConfinement } from '#main/tell-confinement.ts';
import { RecordedLog } from '../support/recorded-log.ts';
import { RecordedMetrics } from '../support/recorded-metrics.ts';

async function told(confinement: () => Promise<string>) {
  const log = new RecordedLog();
  const metrics = new RecordedMetrics();
  await tellConfinement('ffprobe', { confinement }, { log, metrics });
  return { lines: log.lines, gauges: metrics.gauges };
}

const [usable, confined] = ['sf_tool_usable{tool="ffprobe"}', 'sf_tool_confined{tool="ffprobe"}'];

describe('how a tool is confined', () => {
  it('is no more than news where all that confines is there', async () => {
    const confinement = 'limits, no network, no new privileges, nobody';
    const { lines, gauges } = await told(async () => confinement);
    const fields = { tool: 'ffprobe', confinement };
    expect(lines).toEqual([{ level: 'info', message: 'tool is confined', fields }]);
    expect(gauges).toEqual({ [usable]: 1, [confined]: 1 });
  });

  it.each([
    ['none', ['limits', 'no network', 'no new privileges']],
    ['limits', ['no network', 'no new privileges']],
    ['limits, no new privileges', ['no network']],
    ['limits, no network', ['no new privileges']],
    ['no network, no new privileges', ['limits']],
  ])('is a warning and a figure where that is %s', async (confinement, missing) => {
    const { lines, gauges } = await told(async () => confinement);
    const fields = { tool: 'ffprobe', confinement, missing };
    expect(lines).toEqual([{ level: 'warn', message: 'tool is not fully confined', fields }]);
    expect(gauges).toEqual({ [usable]: 1, [confined]: 0 });
  });

  it('is not known of one that cannot be used', async () => {
    const error = new ForgeError('PROBE_UNAVAILABLE', 'transient', 'there is no ffprobe to run');
    const { lines, gauges } = await told(() => Promise.reject(error));
    const fields = { tool: 'ffprobe', reason: 'there is no ffprobe to run' };
    expect(lines).toEqual([{ level: 'warn', message: 'tool cannot be used', fields }]);
    expect(gauges).toEqual({ [usable]: 0 });
  });
});
