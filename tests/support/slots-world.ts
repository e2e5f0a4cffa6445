import {
  catchError,
  concatMap,
  ignoreElements,
  type Observable,
  of,
  Subject,
  take,
  tap,
} from 'rxjs';
import { mergeMapByKey, type Slot } from '#operators/merge-map-by-key.ts';

interface Value {
  readonly id: string;
  readonly key: string;
  readonly group: string;
}

/** One value whose work has begun, moved on by the test. */
interface Work {
  readonly value: Value;
  readonly orders$: Subject<'aside' | 'end'>;
  ready$: Subject<string>;
  state: 'working' | 'aside' | 'returning' | 'ended';
}

/** `mergeMapByKey` under a test that moves every part of it, and beside it a plain account of what must be. */
export class SlotsWorld {
  readonly asked: string[] = [];
  readonly answers: string[] = [];
  readonly #faults: string[] = [];
  readonly #source$ = new Subject<Value>();
  readonly #waiting: Value[] = [];
  readonly #returning: Work[] = [];
  readonly #works: Work[] = [];
  completed = false;
  limit: number;
  #read = 0;

  constructor(limit: number) {
    this.limit = limit;
    const readLimit = (): number => {
      this.#read = this.limit;
      return this.limit;
    };
    this.#source$
      .pipe(
        mergeMapByKey(
          ({ key }) => key,
          (value, slot) => this.#begin(value, slot),
          {
            limit: readLimit,
            busy: (value) => this.#busy(value),
            group: (value) => {
              // Asked for once, as the value joins the line.
              this.#waiting.push(value);
              return value.group;
            },
          },
        ),
      )
      .subscribe({
        next: (id) => this.answers.push(id),
        error: (error) => this.#faults.push(`failed: ${error}`),
        complete: () => {
          this.completed = true;
        },
      });
  }

  /** A value of one of seven keys, of which four are of one group. */
  arrive(n: number): void {
    const key = n % 7;
    const value = { id: `v${this.asked.length}`, key: `k${key}`, group: 'aaaabbc'.charAt(key) };
    this.asked.push(value.id);
    this.#source$.next(value);
  }

  end(n: number): void {
    const work = this.#pick('working', n);
    if (work === undefined) return;
    work.state = 'ended';
    work.orders$.next('end');
  }

  stepAside(n: number): void {
    const work = this.#pick('working', n);
    if (work === undefined) return;
    work.state = 'aside';
    work.ready$ = new Subject();
    work.orders$.next('aside');
  }

  /** What one of those aside waits for comes, or ends without coming. */
  ready(n: number): void {
    const work = this.#pick('aside', n);
    if (work === undefined) return;
    work.state = 'returning';
    this.#returning.push(work);
    if (n % 2 === 0) work.ready$.next('ready');
    else work.ready$.complete();
  }

  /** What one of those aside waits for fails, and its work ends with that. */
  fail(n: number): void {
    const work = this.#pick('aside', n);
    if (work === undefined) return;
    work.state = 'ended';
    work.ready$.error('lost');
  }

  /** What has gone wrong up to now. */
  faults(): readonly string[] {
    const wait = this.#returning.length + this.#idle().length;
    if (wait > 0 && this.#in('working').length < this.#read) {
      this.#faults.push('a slot is idle, and somebody waits');
    }
    return this.#faults;
  }

  /** Lets all come to an end. */
  finish(): void {
    this.limit = 100;
    this.arrive(0);
    this.#source$.complete();
    while (this.#in('aside').length + this.#in('working').length > 0) {
      this.ready(0);
      this.end(0);
    }
  }

  #busy({ id, key }: Value): Observable<string> {
    if (!this.#waiting.some((other) => other.key === key)) this.#faults.push(`${id} is busy alone`);
    return of(id);
  }

  #begin(value: Value, slot: Slot): Observable<string> {
    if (this.#returning.length > 0) this.#faults.push(`${value.id} before one who came back`);
    if (value !== this.#fairest()) this.#faults.push(`${value.id} out of turn`);
    this.#waiting.splice(this.#waiting.indexOf(value), 1);
    const work: Work = { value, orders$: new Subject(), ready$: new Subject(), state: 'working' };
    this.#works.push(work);
    this.#count();
    // Some end while they are started.
    if (this.#works.length % 4 === 0) {
      work.state = 'ended';
      return of(value.id);
    }
    return work.orders$.pipe(
      concatMap((order) => (order === 'end' ? of(value.id) : this.#aside(work, slot))),
      catchError(() => of(value.id)),
      take(1),
    );
  }

  #aside(work: Work, slot: Slot): Observable<never> {
    return slot.stepAside(work.ready$).pipe(
      tap({
        complete: () => {
          if (this.#returning.shift() !== work) this.#faults.push(`${work.value.id} overtook`);
          work.state = 'working';
          this.#count();
        },
      }),
      ignoreElements(),
    );
  }

  /** Looks, as somebody takes a slot, whether there was one. */
  #count(): void {
    const atWork = this.#in('working').length;
    if (atWork > this.#read) this.#faults.push(`${atWork} at work, the limit is ${this.#read}`);
  }

  #fairest(): Value | undefined {
    const working = this.#in('working');
    const share = ({ group }: Value) => working.filter(({ value }) => value.group === group).length;
    return this.#idle().toSorted((one, other) => share(one) - share(other))[0];
  }

  /** Those who wait and whose key is idle. */
  #idle(): Value[] {
    const taken = this.#works
      .filter(({ state }) => state !== 'ended')
      .map(({ value }) => value.key);
    return this.#waiting.filter(({ key }) => !taken.includes(key));
  }

  #in(state: Work['state']): Work[] {
    return this.#works.filter((work) => work.state === state);
  }

  #pick(state: Work['state'], n: number): Work | undefined {
    const works = this.#in(state);
    return works[n % Math.max(1, works.length)];
  }
}

/** Whatever may happen next. */
export const STEPS: readonly ((world: SlotsWorld, n: number) => void)[] = [
  function arrive(world, n) {
    world.arrive(n);
  },
  function end(world, n) {
    world.end(n);
  },
  function stepAside(world, n) {
    world.stepAside(n);
  },
  function ready(world, n) {
    world.ready(n);
  },
  function fail(world, n) {
    world.fail(n);
  },
  function setLimit(world, n) {
    world.limit = n % 6;
  },
];
