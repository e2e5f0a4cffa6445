// Examples in virtual time, then laws: random interleavings of those who ask, leave their place, or leave the line.
import fc from 'fast-check';
import {
  combineLatest,
  finalize,
  map,
  mergeMap,
  type Observable,
  repeat,
  Subject,
  type Subscription,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Bulkhead, type Place } from '#operators/bulkhead.ts';
import { marbles } from '../support/marbles.ts';

/** Work of 4 frames in a place of `bulkhead`, that says its name when it ends. */
const four =
  (bulkhead: Bulkhead, group?: string) =>
  (name: string): Observable<string> =>
    bulkhead.place({ group }).pipe(
      mergeMap((place) =>
        timer(4).pipe(
          map(() => name),
          finalize(() => place.leave()),
        ),
      ),
    );

/** Places that `groups` ask for at once, as they are given. */
function asked(bulkhead: Bulkhead, groups: readonly string[]) {
  const given: { readonly group: string; readonly place: Place }[] = [];
  const asks = groups.map((group) =>
    bulkhead.place({ group }).subscribe((place) => given.push({ group, place })),
  );
  return { given, asks, order: () => given.map(({ group }) => group).join('') };
}

/** How many more may enter now, counted by letting them in, and out again. */
function room(bulkhead: Bulkhead, upTo: number): number {
  const { given, asks } = asked(
    bulkhead,
    Array.from({ length: upTo }, () => 'count'),
  );
  const count = given.length;
  for (const ask of asks) ask.unsubscribe();
  for (const { place } of given) place.leave();
  return count;
}

describe('Bulkhead', () => {
  it('is given where there are more places than before, once they are counted again', () => {
    let places = 1;
    const bulkhead = new Bulkhead(() => places);
    const entered: string[] = [];
    for (const name of ['a', 'b', 'c']) bulkhead.place().subscribe(() => entered.push(name));
    places = 2;
    expect(entered).toEqual(['a']);
    bulkhead.reread();
    expect(entered).toEqual(['a', 'b']);
    bulkhead.reread();
    expect(entered).toEqual(['a', 'b']);
  });

  it('goes to the lowest rank first, whatever the group', () => {
    const bulkhead = new Bulkhead(() => 1);
    const places: Place[] = [];
    const entered: string[] = [];
    bulkhead.place().subscribe((place) => places.push(place));
    const wait = (name: string, rank?: number) =>
      bulkhead.place(rank === undefined ? {} : { rank }).subscribe((place) => {
        entered.push(name);
        places.push(place);
      });
    wait('killer', 4);
    wait('second', 1);
    wait('third', 1);
    wait('first');
    while (entered.length < 4) places.shift()?.leave();
    expect(entered).toEqual(['first', 'second', 'third', 'killer']);
  });

  it(
    'gives one place at once where there is room, and completes',
    marbles(({ expectObservable }) => {
      const place$ = new Bulkhead(() => 1).place().pipe(map(() => 'p'));
      expectObservable(place$).toBe('(p|)');
    }),
  );

  it('gives it synchronously', () => {
    const bulkhead = new Bulkhead(() => 2);
    expect(asked(bulkhead, ['a', 'b', 'c']).order()).toBe('ab');
  });

  it(
    'never gives one where there are none',
    marbles(({ expectObservable }) => {
      expectObservable(new Bulkhead(() => 0).place(), '^---!').toBe('-');
    }),
  );

  it(
    'lets in as many as there are places, the others in order as places are left',
    marbles(({ cold, expectObservable }) => {
      const bulkhead = new Bulkhead(() => 2);
      const result = cold('abcd|').pipe(mergeMap(four(bulkhead)));
      expectObservable(result).toBe('----ab--c(d|)');
    }),
  );

  it(
    'gives a new place to each subscription',
    marbles(({ expectObservable }) => {
      const work$ = four(new Bulkhead(() => 1))('a');
      expectObservable(work$).toBe('        ----(a|)');
      expectObservable(work$, '--^').toBe(' --------(a|)');
    }),
  );

  it('gives a place to the group that holds the fewest, and among equals to who waited longest', () => {
    const bulkhead = new Bulkhead(() => 3);
    const { given, order } = asked(bulkhead, ['a', 'a', 'a', 'a', 'b', 'c', 'b', 'a']);
    expect(order()).toBe('aaa');
    for (const { place } of given.slice(0, 3)) place.leave();
    expect(order()).toBe('aaabca');
  });

  it('takes nothing from those who are inside', () => {
    const bulkhead = new Bulkhead(() => 2);
    expect(asked(bulkhead, ['a', 'a', 'b']).order()).toBe('aa');
  });

  it('gives a place back once, however often it is left', () => {
    let places = 1;
    const bulkhead = new Bulkhead(() => places);
    const { given, order } = asked(bulkhead, ['a', 'b', 'c']);
    given[0]?.place.leave();
    places = 2;
    given[0]?.place.leave();
    expect(order()).toBe('ab');
  });

  it('reads the places again whenever somebody asks or leaves', () => {
    let places = 1;
    const bulkhead = new Bulkhead(() => places);
    const first = asked(bulkhead, ['a', 'b', 'c', 'd']);
    places = 2;
    expect(first.order()).toBe('a');
    const second = asked(bulkhead, ['e']);
    expect(first.order() + second.order()).toBe('ab');
    places = 1;
    first.given[0]?.place.leave();
    expect(first.order()).toBe('ab');
    places = 3;
    first.given[1]?.place.leave();
    expect(first.order() + second.order()).toBe('abcde');
  });

  it('lets nobody in by the line whom it has lost', () => {
    const bulkhead = new Bulkhead(() => 1);
    const { given, asks, order } = asked(bulkhead, ['a', 'b', 'c']);
    asks[1]?.unsubscribe();
    given[0]?.place.leave();
    expect(order()).toBe('ac');
    given[1]?.place.leave();
    expect(room(bulkhead, 2)).toBe(1);
  });

  it('keeps no place for one who has left before the ask', () => {
    const bulkhead = new Bulkhead(() => 1);
    const errors: unknown[] = [];
    // The first fails all, and the second is subscribed to all the same, by one who is closed.
    combineLatest([throwError(() => 'broken'), bulkhead.place()]).subscribe({
      error: (error) => errors.push(error),
    });
    expect(errors).toEqual(['broken']);
    expect(room(bulkhead, 2)).toBe(1);
  });

  it('keeps no place for one who leaves while another is let in, by its own ask', () => {
    let places = 0;
    const bulkhead = new Bulkhead(() => places);
    const gone$ = new Subject<void>();
    bulkhead.place({ group: 'a' }).subscribe(() => gone$.next());
    places = 2;
    bulkhead.place({ group: 'b' }).pipe(takeUntil(gone$)).subscribe();
    expect(room(bulkhead, 2)).toBe(1);
  });

  it('lets in at once who asks while another is let in', () => {
    const bulkhead = new Bulkhead(() => 2);
    const order: string[] = [];
    bulkhead.place({ group: 'a' }).subscribe(() => {
      bulkhead.place({ group: 'b' }).subscribe(() => order.push('inner'));
      order.push('outer');
    });
    expect(order).toEqual(['inner', 'outer']);
  });

  it('serves a long line of those who leave as they enter, without growing the stack', () => {
    const bulkhead = new Bulkhead(() => 1);
    const first = asked(bulkhead, ['a']);
    let entered = 0;
    for (let n = 0; n < 5000; n += 1) {
      bulkhead.place({ group: 'a' }).subscribe((place) => {
        entered += 1;
        bulkhead.place({ group: 'b' }).subscribe().unsubscribe();
        place.leave();
      });
    }
    first.given[0]?.place.leave();
    expect(entered).toBe(5000);
  });

  it(
    'takes one who comes again and again',
    marbles(({ expectObservable }) => {
      const again$ = four(new Bulkhead(() => 1))('a').pipe(repeat(3));
      expectObservable(again$).toBe('----a---a---(a|)');
    }),
  );

  it('fails who asks where the places cannot be read, and holds nothing for it', () => {
    let places: () => number = broken;
    const bulkhead = new Bulkhead(() => places());
    const errors: unknown[] = [];
    bulkhead.place().subscribe({ error: (error) => errors.push(error) });
    places = () => 1;
    expect(errors).toEqual(['broken']);
    expect(room(bulkhead, 2)).toBe(1);
  });

  it('throws to who leaves where the places cannot be read, and the place is free all the same', () => {
    let places = () => 1;
    const bulkhead = new Bulkhead(() => places());
    const { given, order } = asked(bulkhead, ['a', 'b']);
    places = broken;
    expect(() => given[0]?.place.leave()).toThrow('broken');
    places = () => 1;
    const { asks } = asked(bulkhead, ['c']);
    asks[0]?.unsubscribe();
    expect(order()).toBe('ab');
  });

  it(
    'frees the place of work that fails, and of work that is left',
    marbles(({ cold, expectObservable }) => {
      const bulkhead = new Bulkhead(() => 1);
      const inside = (work$: Observable<string>) =>
        bulkhead.place().pipe(mergeMap((place) => work$.pipe(finalize(() => place.leave()))));
      expectObservable(inside(cold('--#'))).toBe('         --#');
      expectObservable(inside(cold('-------|')), '^----!').toBe('------');
      expectObservable(four(bulkhead)('a')).toBe('         ---------(a|)');
    }),
  );

  it('never holds more than there are places, forgets nobody, and is fair, in any interleaving', () => {
    const step = fc.tuple(fc.constantFrom(...STEPS), fc.nat(20));
    fc.assert(
      fc.property(fc.nat(4), fc.array(step, { maxLength: 80 }), (places, steps) => {
        const world = new World(places);
        for (const [take, n] of steps) {
          const before = world.held.length;
          take(world, n);
          expect(world.held.length).toBeLessThanOrEqual(Math.max(world.read, before));
          if (world.waiting.length > 0) {
            expect(world.held.length).toBeGreaterThanOrEqual(world.read);
          }
        }
        expect(world.unfair).toEqual([]);
        world.end();
        expect(room(world.bulkhead, 9)).toBe(world.places);
      }),
    );
  });

  it('gives two groups that always wait their shares, give or take one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(20), { maxLength: 60 }),
        fc.array(fc.constantFrom('a', 'b'), { minLength: 20, maxLength: 20 }),
        (places, leaves, order) => {
          const world = new World(0);
          for (const group of [...order, ...'ab'.repeat(80)]) world.ask(group);
          world.places = places;
          world.ask('a');
          for (const at of leaves) {
            world.leave(at);
            const ofA = world.held.filter(({ group }) => group === 'a').length;
            expect(Math.abs(ofA - (world.held.length - ofA))).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});

interface Asker {
  readonly group: string;
  ask: Subscription | null;
  place: Place | null;
}

/** A bulkhead, and beside it a plain account of who waits and who is inside. */
class World {
  readonly bulkhead: Bulkhead;
  readonly waiting: Asker[] = [];
  readonly held: Asker[] = [];
  readonly unfair: string[] = [];
  places: number;
  read = 0;

  constructor(places: number) {
    this.places = places;
    this.bulkhead = new Bulkhead(() => {
      this.read = this.places;
      return this.places;
    });
  }

  ask(group: string): void {
    const asker: Asker = { group, ask: null, place: null };
    this.waiting.push(asker);
    asker.ask = this.bulkhead.place({ group }).subscribe((place) => {
      if (asker !== this.#next()) this.unfair.push(group);
      this.waiting.splice(this.waiting.indexOf(asker), 1);
      asker.place = place;
      this.held.push(asker);
    });
  }

  leave(at: number): void {
    const [asker] = this.held.splice(at % Math.max(1, this.held.length), 1);
    asker?.place?.leave();
  }

  giveUp(at: number): void {
    const [asker] = this.waiting.splice(at % Math.max(1, this.waiting.length), 1);
    asker?.ask?.unsubscribe();
  }

  end(): void {
    while (this.waiting.length > 0) this.giveUp(0);
    while (this.held.length > 0) this.leave(0);
  }

  #next(): Asker | undefined {
    const heldBy = (asker: Asker) => this.held.filter(({ group }) => group === asker.group).length;
    return this.waiting.toSorted((one, other) => heldBy(one) - heldBy(other))[0];
  }
}

const STEPS: readonly ((world: World, n: number) => void)[] = [
  function ask(world, n) {
    world.ask('aaabbc'.charAt(n % 6));
  },
  function leave(world, n) {
    world.leave(n);
  },
  function giveUp(world, n) {
    world.giveUp(n);
  },
  function setPlaces(world, n) {
    world.places = n % 6;
  },
];

function broken(): never {
  throw 'broken';
}
