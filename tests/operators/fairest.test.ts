import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairest, HeldPlaces } from '#operators/fairest.ts';

const groupOf = (waiter: string) => waiter.charAt(0);

function placesOf(groups: readonly string[]): HeldPlaces {
  const held = new HeldPlaces();
  for (const group of groups) held.take(group);
  return held;
}

describe('fairest', () => {
  it.each<[string, string[], string[], string | null]>([
    ['nobody where none waits', [], ['a'], null],
    ['the one that waits longest where nothing is held', ['b1', 'a1'], [], 'b1'],
    ['one whose group holds nothing', ['a1', 'a2', 'b1'], ['a'], 'b1'],
    ['one of the group that holds the fewest', ['a1', 'b1', 'c1'], ['a', 'b', 'a', 'c', 'c'], 'b1'],
    ['among equals the one that waits longest', ['a1', 'b1', 'c1'], ['a', 'b', 'c', 'a'], 'b1'],
    ['one of a group that waits alone, whatever it holds', ['a1'], ['a', 'a', 'b'], 'a1'],
  ])('picks %s', (_, waiting, held, next) => {
    expect(fairest(waiting, groupOf, placesOf(held))).toBe(next);
  });

  it('looks no further once it has seen every group there is in the line', () => {
    function* line(): Iterable<string> {
      yield* ['a1', 'a2', 'b1'];
      throw new Error('looked further');
    }
    expect(fairest(line(), groupOf, placesOf(['a', 'b', 'a']), 2)).toBe('b1');
  });

  it('never lets a group that waits fall behind another by more than one, from empty places on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(8), { maxLength: 60 }),
        (places, leaves) => {
          const held: string[] = [];
          for (const at of [null, ...leaves]) {
            if (at !== null) held.splice(at % held.length, 1);
            while (held.length < places) {
              held.push(fairest(['a', 'b', 'c'], groupOf, placesOf(held)) ?? '');
            }
            const shares = ['a', 'b', 'c'].map((group) => held.filter((of) => of === group).length);
            expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});

describe('HeldPlaces', () => {
  it('counts what each group took and has not given back', () => {
    const held = placesOf(['a', 'b', 'a']);
    held.giveBack('a');
    held.giveBack('b');
    expect(['a', 'b', 'c'].map((group) => held.of(group))).toStrictEqual([1, 0, 0]);
    expect(held.groups).toBe(1);
  });
});
