// The plan of a run is a pure function of its size: the same everywhere, and never without what it is to prove.
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChaosSize, LEASE_SECONDS, planChaos } from './plan.ts';
import { planText } from './plan-text.ts';

const sizes = fc.record({
  seed: fc.nat({ max: 2 ** 31 }),
  jobs: fc.integer({ min: 1, max: 3000 }),
  workers: fc.integer({ min: 1, max: 8 }),
});

const killersOf = (size: ChaosSize) =>
  planChaos(size).uploads.filter(({ failsWith }) => failsWith === 'RETRIES_EXHAUSTED').length;

describe('planChaos', () => {
  it('gives the same plan for the same seed, and another for another', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        expect(planChaos(size)).toEqual(planChaos({ ...size }));
        const other = planChaos({ ...size, seed: size.seed + 1 });
        expect(other.faults).not.toEqual(planChaos(size).faults);
      }),
      { numRuns: 50 },
    );
  });

  it('gives the plan that it gave yesterday, on whatever machine', () => {
    const { uploads, faults } = planChaos({ seed: 1, jobs: 300, workers: 3 });
    expect(faults.slice(0, 3)).toMatchInlineSnapshot(`
      [
        {
          "afterFinished": 1,
          "fault": {
            "kind": "kill",
            "restartMs": 251,
            "worker": 0,
          },
        },
        {
          "afterFinished": 9,
          "fault": {
            "fault": "lost reply",
            "kind": "network",
            "ms": 4959,
            "service": "redis",
            "worker": 0,
          },
        },
        {
          "afterFinished": 16,
          "fault": {
            "kind": "redis flush",
          },
        },
      ]
    `);
    expect(
      uploads.slice(0, 4).map(({ file, deliveriesMs }) => [file.fileName, ...deliveriesMs]),
    ).toMatchInlineSnapshot(`
      [
        [
          "mpeg4.avi",
          0,
        ],
        [
          "alpha.png",
          0,
          0,
          0,
          2968,
        ],
        [
          "tone.mp3",
          0,
        ],
        [
          "tone.mp3",
          0,
        ],
      ]
    `);
  });

  it('plans faults for workers that there are, in order, and none for the end', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { faults, uploads } = planChaos(size);
        expect(uploads.map(({ index }) => index)).toEqual(uploads.map((_, at) => at));
        const times = faults.map(({ afterFinished }) => afterFinished);
        expect(times).toEqual([...times].sort((one, other) => one - other));
        expect(times.at(-1)).toBeLessThan(Math.max(2, size.jobs));
        for (const { fault } of faults) {
          if ('worker' in fault) expect(fault.worker).toBeLessThan(size.workers);
          if (fault.kind === 'freeze') expect(fault.ms).toBeGreaterThan(LEASE_SECONDS * 1000);
        }
      }),
    );
  });

  it('has every kind of fault, every kind of delivery and every kind of ending in a run of CI', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), (seed) => {
        const { faults, uploads } = planChaos({ seed, jobs: 300, workers: 3 });
        const kinds = faults.map(({ fault }) => ('fault' in fault ? fault.fault : fault.kind));
        expect(new Set(kinds).size).toBe(9);
        const deliveries = uploads.map(({ deliveriesMs }) => deliveriesMs);
        expect(deliveries.some((times) => times.length === 0)).toBe(true);
        expect(deliveries.some((times) => times.length > 1)).toBe(true);
        expect(deliveries.some(([first = 0]) => first > 0)).toBe(true);
        expect(uploads.some(({ failsWith }) => failsWith === 'CORRUPT_MEDIA')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [99, 0],
    [100, 1],
    [300, 1],
    [1000, 1],
    [2000, 2],
    [10_000, 10],
  ])('has in %i jobs %i killer files', (jobs, killers) => {
    for (const seed of [1, 2, 3]) expect(killersOf({ seed, jobs, workers: 3 })).toBe(killers);
  });

  it('uploads files that are there', () => {
    const { uploads } = planChaos({ seed: 7, jobs: 2000, workers: 1 });
    const paths = new Set(uploads.map(({ file }) => file.path));
    expect(paths.size).toBeGreaterThan(10);
    for (const path of paths) expect(existsSync(path), path).toBe(true);
  });
});

describe('planText', () => {
  it('shows the seed, every fault, and every delivery out of the ordinary', () => {
    const text = planText(planChaos({ seed: 42, jobs: 300, workers: 3 }));
    expect(text).toContain('seed 42');
    expect(text).toContain('killer.mp4');
    expect(text).toMatch(/after +\d+ finished .*worker 1/);
    expect(text).toMatch(/upload +\d+ .*event lost/);
    expect(text.split('\n').length).toBeGreaterThan(60);
  });
});
