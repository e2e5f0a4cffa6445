import { describe, expect, it } from 'vitest';
import { withinWall } from '#adapters/image/image-wall.ts';
import { WeightedLine } from '#adapters/image/weighted-line.ts';

const signal = new AbortController().signal;
const late = () => Promise.reject(new Error('timeout: 42% complete'));
const never = () => new Promise<never>(() => {});

const refuse = (error: unknown): never => {
  throw new Error('refused', { cause: error });
};
const wall = (secondsMax: number, its = signal, line = new WeightedLine(10)) => ({
  ...{ secondsMax, signal: its, refuse },
  ...{ line, weight: 10 },
});

describe('withinWall', () => {
  it('answers with what the work answers with, and tells it the limit', async () => {
    expect(await withinWall(wall(7), async ({ seconds }) => seconds)).toBe(7);
  });

  it('has told why an image fails', async () => {
    const error = new Error('Input buffer contains unsupported image format');
    const reading = withinWall(wall(7), () => Promise.reject(error));
    await expect(reading).rejects.toMatchObject({ message: 'refused', cause: error });
  });

  it('blames an image for which this process has used the time', async () => {
    const busy = async () => {
      const until = process.cpuUsage().user + 20_000;
      while (process.cpuUsage().user < until) Math.random();
      return late();
    };
    const reading = withinWall(wall(0.01), busy);
    await expect(reading).rejects.toMatchObject({ code: 'PROBE_TIMEOUT', kind: 'permanent' });
  });

  it('does not blame it where the machine gave it no time', async () => {
    const reading = withinWall(wall(1000), late);
    await expect(reading).rejects.toMatchObject({ code: 'PROBE_UNAVAILABLE', kind: 'transient' });
  });

  it('waits no longer than it must for one that never answers', async () => {
    const reading = withinWall(wall(0.001), never);
    await expect(reading).rejects.toMatchObject({ code: 'PROBE_UNAVAILABLE', kind: 'transient' });
  });

  it('has each wait for the memory of the one before, and blames nobody for that', async () => {
    const line = new WeightedLine(10);
    const first = Promise.withResolvers<string>();
    const begun: string[] = [];
    const one = withinWall(wall(1000, signal, line), () => first.promise);
    const other = withinWall(wall(0.001, signal, line), async () => begun.push('other'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual([]);
    first.resolve('one');
    expect(await one).toBe('one');
    expect(await other).toBe(1);
  });

  it('leaves with the signal, at once', async () => {
    const controller = new AbortController();
    const reading = withinWall(wall(1000, controller.signal), never);
    const reason = new Error('lost the lease');
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect(withinWall(wall(1000, controller.signal), never)).rejects.toBe(reason);
  });
});
