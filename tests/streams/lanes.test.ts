import { describe, expect, it } from 'vitest';
import { lanesOf } from '#streams/lanes.ts';

const lanes = (slots: number) => lanesOf(() => slots, 0.25);

describe('heavy work', () => {
  it.each([
    ['has every slot while nobody waits', 16, 0, 16],
    ['leaves a slot to each that waits', 16, 3, 13],
    ['leaves no more than the share of light work', 16, 100, 12],
    ['leaves a whole slot where the share is less', 3, 9, 2],
    ['leaves one of two', 2, 9, 1],
    ['always has one: else it would wait for ever for those who wait', 1, 9, 1],
  ])('%s', (_, slots, waiting, expected) => {
    expect(lanes(slots).heavyMax(waiting)).toBe(expected);
  });
});

describe('the slots', () => {
  it.each([
    ['are as many as they are while light work has its share', 16, 12, 16],
    ['are one more for each that heavy work has taken of it', 16, 14, 18],
    ['are never more than that share more', 16, 16, 20],
    ['are what they are without heavy work', 16, 0, 16],
    ['stay one where there is one', 1, 1, 1],
  ])('%s', (_, slots, heavy, expected) => {
    expect(lanes(slots).slots(heavy)).toBe(expected);
  });

  it('follow what is tuned', () => {
    let slots = 4;
    const tuned = lanesOf(() => slots, 0.25);
    expect(tuned.heavyMax(9)).toBe(3);
    slots = 8;
    expect(tuned.heavyMax(9)).toBe(6);
  });
});
