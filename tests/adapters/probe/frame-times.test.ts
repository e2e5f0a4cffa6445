import { describe, expect, it } from 'vitest';
import { frameFacts } from '#adapters/probe/frame-times.ts';

const at = (...ticks: readonly number[]) =>
  ticks.map((each, n) => ({ ticks: each, isKey: n === 0 }));
const every = (step: number, count: number) => Array.from({ length: count }, (_, n) => n * step);
const facts = (ticks: readonly number[], whole = true, endTicks?: number) =>
  frameFacts({
    ...{ frames: at(...ticks), secondsPerTick: 0.001, roundedTicks: 2, whole },
    ...(endTicks !== undefined && { endTicks }),
  });

describe('frameFacts', () => {
  it('counts all frames, in whatever order they are stored', () => {
    expect(facts([0, 120, 40, 80])).toEqual({
      frameCount: 4,
      frameRate: 25,
      frameRateMode: 'constant',
      keyFrameSeconds: 0.16,
    });
  });

  it('takes rounded times for those of a rate that is constant', () => {
    expect(facts([0, 33, 67, 100, 133])).toMatchObject({ frameRateMode: 'constant' });
    expect(facts([0, 33, 70, 100, 133])).toMatchObject({ frameRateMode: 'variable' });
  });

  it('knows of some frames only that their rate varies', () => {
    expect(
      facts([...every(40, 20), 1000, 2000, ...every(40, 20).map((n) => n + 3000)], false),
    ).toEqual({ frameRateMode: 'variable' });
    expect(facts(every(40, 100), false)).toEqual({});
  });

  it('does not miss frames that are stored behind the last ones it sees', () => {
    // Three later ones are stored first: what is shown between them comes next.
    expect(facts([...every(40, 30), 1320, 1440, 1560], false)).toEqual({});
  });

  it('says nothing of too few', () => {
    expect(facts([0, 40, 400], false)).toEqual({});
    expect(facts([])).toEqual({});
    expect(facts([0])).toEqual({ frameCount: 1 });
  });

  it('believes whoever tells where the last one ends', () => {
    expect(facts([0, 40], true, 200)).toMatchObject({ frameRate: 10, keyFrameSeconds: 0.2 });
  });
});
