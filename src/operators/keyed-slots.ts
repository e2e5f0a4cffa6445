import { concatMap, finalize, Observable, type Subscriber, take, tap, toArray } from 'rxjs';
import { fairest, HeldPlaces } from './fairest.ts';
import type { Slot } from './merge-map-by-key.ts';

/** The work of one key, from its first wait to its end. */
interface Turn {
  readonly name: string;
  readonly group: string;
}

/** One who waits for a slot. */
interface Waiter {
  readonly turn: Turn;
  readonly start: () => void;
}

/** The slots of one subscription: which keys are taken, who has a slot, and who waits, in order of arrival. */
export class KeyedSlots {
  readonly #readLimit: () => number;
  /** By key, whose work has begun and not ended. Those among them who have stepped aside are not at work. */
  readonly #taken = new Map<string, Turn>();
  readonly #atWork = new Set<Turn>();
  /** Of those at work. */
  readonly #held = new HeldPlaces();
  readonly #returning = new Set<Waiter>();
  readonly #waiting = new Map<string, Waiter>();
  /** Of those waiting: their places in the line. */
  readonly #inLine = new HeldPlaces();
  #limit = 0;
  #serving = false;
  #closed = false;

  constructor(limit: number | (() => number)) {
    this.#readLimit = typeof limit === 'number' ? () => limit : limit;
  }

  /** Whether one of that key waits for its first slot. */
  isAwaited(name: string): boolean {
    return this.#waiting.has(name);
  }

  /** Reads the limit again, and starts whoever may start now. */
  reread(): void {
    this.#limit = this.#readLimit();
    this.#serve();
  }

  /** From now on nobody starts or comes back. */
  close(): void {
    this.#closed = true;
  }

  /** The work of `name`, from its turn on; while it waits no other may ask for that key. Subscribe once. */
  turnOf<R>(name: string, group: string, work: (slot: Slot) => Observable<R>): Observable<R> {
    const turn: Turn = { name, group };
    const slot: Slot = {
      stepAside: (ready$) => this.#stepAside(turn, ready$),
      waiting: () => this.#waiting.size,
    };
    return this.#begin(turn).pipe(
      concatMap(() => work(slot)),
      tap({
        complete: () => {
          this.#limit = this.#readLimit();
        },
      }),
      finalize(() => {
        this.#taken.delete(name);
        this.#leave(turn);
        this.#serve();
      }),
    );
  }

  #begin(turn: Turn): Observable<void> {
    return new Observable((subscriber) => {
      this.#waiting.set(turn.name, { turn, start: () => emitOnce(subscriber) });
      this.#inLine.take(turn.group);
      this.#serve();
    });
  }

  #stepAside<U>(turn: Turn, ready$: Observable<U>): Observable<U> {
    return new Observable((subscriber) => {
      let aside = false;
      const pass = (first: readonly U[]): Observable<U> | readonly U[] =>
        aside ? this.#comeBack(turn).pipe(concatMap(() => first)) : first;
      ready$.pipe(take(1), toArray(), concatMap(pass)).subscribe(subscriber);
      // It came at once, or failed: the slot was never given up.
      if (subscriber.closed) return;
      this.#limit = this.#readLimit();
      aside = true;
      this.#leave(turn);
      this.#serve();
    });
  }

  #comeBack(turn: Turn): Observable<void> {
    return new Observable((subscriber) => {
      const waiter: Waiter = { turn, start: () => emitOnce(subscriber) };
      this.#limit = this.#readLimit();
      this.#returning.add(waiter);
      subscriber.add(() => this.#returning.delete(waiter));
      this.#serve();
    });
  }

  /** Starts whoever may start. Work that ends while it is started comes back to this loop, not into a deeper one. */
  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    for (let next = this.#next(); next !== null; next = this.#next()) next.start();
    this.#serving = false;
  }

  /** Takes the next one out of its line, and gives it a slot. */
  #next(): Waiter | null {
    if (this.#closed) return null;
    const hasRoom = this.#atWork.size < this.#limit;
    return this.#nextReturning(hasRoom) ?? (hasRoom ? this.#nextWaiting() : null);
  }

  #nextReturning(hasRoom: boolean): Waiter | null {
    for (const waiter of this.#returning) {
      const { turn } = waiter;
      // Work that waits for two things at once has its slot again with the first.
      if (!hasRoom && !this.#atWork.has(turn)) continue;
      this.#returning.delete(waiter);
      // What outlives its work must not take a slot: nobody would give it back.
      if (this.#taken.get(turn.name) === turn) this.#enter(turn);
      return waiter;
    }
    return null;
  }

  /** Whose key is free, in order of arrival. */
  *#idle(): Iterable<Waiter> {
    for (const waiter of this.#waiting.values()) {
      if (!this.#taken.has(waiter.turn.name)) yield waiter;
    }
  }

  #enter(turn: Turn): void {
    if (this.#atWork.has(turn)) return;
    this.#atWork.add(turn);
    this.#held.take(turn.group);
  }

  #leave(turn: Turn): void {
    if (this.#atWork.delete(turn)) this.#held.giveBack(turn.group);
  }

  #nextWaiting(): Waiter | null {
    const { groups } = this.#inLine;
    const next = fairest(this.#idle(), ({ turn }) => turn.group, this.#held, groups);
    if (next === null) return null;
    this.#waiting.delete(next.turn.name);
    this.#inLine.giveBack(next.turn.group);
    this.#taken.set(next.turn.name, next.turn);
    this.#enter(next.turn);
    return next;
  }
}

function emitOnce(subscriber: Subscriber<void>): void {
  subscriber.next();
  subscriber.complete();
}
