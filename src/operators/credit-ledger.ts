import { type Observable, Subject } from 'rxjs';

/**
 * Counts the room for messages: what may still be asked for is the limit less what is held and what is reserved.
 *
 *     limit 3      reserve(10) = 3   settle(3, 1)   release()
 *     reserved     0 -> 3            -> 0           0
 *     held         0                 -> 1           -> 0
 *     free         3 -> 0            -> 2           -> 3
 *     freed$       ------------------x--------------x--------
 *
 * `held + reserved <= limit` at all times, except after `setLimit` has shrunk it below what is out already: then nothing is
 * free until enough came back. Misuse, such as giving back what was never taken, is a bug and throws.
 */
export class CreditLedger {
  #limit: number;
  #held = 0;
  #reserved = 0;
  #released = 0;
  readonly #freed = new Subject<void>();

  /** Emits, synchronously, whenever `free` may have grown. Never completes. */
  readonly freed$: Observable<void> = this.#freed.asObservable();

  constructor(limit: number) {
    this.#limit = count(limit, 'limit');
  }

  /** What may be reserved now. */
  get free(): number {
    return Math.max(0, this.#limit - this.#held - this.#reserved);
  }

  /** Messages in hand: received, their work not ended. */
  get held(): number {
    return this.#held;
  }

  /** What open receives asked for. */
  get reserved(): number {
    return this.#reserved;
  }

  /** All that was ever given back after it was held. */
  get released(): number {
    return this.#released;
  }

  /** What may be in hand or on its way. */
  get limit(): number {
    return this.#limit;
  }

  /** Grows or shrinks the room from now on. What is out already stays out; zero closes the intake. */
  setLimit(limit: number): void {
    const grown = count(limit, 'limit') > this.#limit;
    this.#limit = limit;
    if (grown) this.#freed.next();
  }

  /** Reserves up to `max` and says how many: 0 where nothing is free. */
  reserve(max: number): number {
    const reserved = Math.min(count(max, 'max'), this.free);
    this.#reserved += reserved;
    return reserved;
  }

  /** Ends a receive that had reserved `asked`: what came is held, the rest is free again. */
  settle(asked: number, got: number): void {
    invariant(
      count(asked, 'asked') <= this.#reserved,
      `${asked} settled, ${this.#reserved} reserved`,
    );
    invariant(count(got, 'got') <= asked, `${got} came, ${asked} were asked for`);
    this.#reserved -= asked;
    this.#held += got;
    if (got < asked) this.#freed.next();
  }

  /** Gives back what was held. */
  release(released = 1): void {
    invariant(
      count(released, 'released') <= this.#held,
      `${released} released, ${this.#held} held`,
    );
    this.#held -= released;
    this.#released += released;
    if (released > 0) this.#freed.next();
  }
}

function count(value: number, name: string): number {
  invariant(Number.isSafeInteger(value) && value >= 0, `${name} is ${value}, not a count`);
  return value;
}

function invariant(holds: boolean, otherwise: string): void {
  if (!holds) throw new RangeError(`Credit ledger: ${otherwise}.`);
}
