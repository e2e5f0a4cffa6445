import { describe, expect, it } from 'vitest';
import type { Admits } from '#ports/circuit.ts';
import { outageOf } from '#streams/outage.ts';
import { marbles } from '../support/marbles.ts';

const outage = (store: Admits, objects: Admits) =>
  outageOf({ store: { admits: store }, objects: { admits: objects } }, 5);

describe('an outage', () => {
  it.each<[Admits, boolean]>([
    ['all', false],
    ['one', true],
    ['none', true],
  ])('is told by the circuit of the dependency an error is about: %s', (admits, isOut) => {
    expect(outage(admits, 'all').isOut('STORE_UNAVAILABLE')).toBe(isOut);
    expect(outage('all', admits).isOut('OBJECT_STORE_UNAVAILABLE')).toBe(isOut);
    expect(outage('all', admits).isOut('STORE_UNAVAILABLE')).toBe(false);
    expect(outage(admits, admits).isOut('CORRUPT_MEDIA')).toBe(false);
  });

  it(
    'is over when the dependency is asked again',
    marbles(({ cold, expectObservable }) => {
      const store: { admits: Admits } = { admits: 'none' };
      cold('7ms x').subscribe(() => {
        store.admits = 'one';
      });
      const { back } = outageOf({ store, objects: { admits: 'none' } }, 5);
      expectObservable(back('STORE_UNAVAILABLE')).toBe('10ms (b|)', { b: 1 });
      expectObservable(back('OBJECT_STORE_UNAVAILABLE'), '20ms !').toBe('-');
    }),
  );
});
