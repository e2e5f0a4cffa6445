import { Observable } from 'rxjs';
import { fairest, HeldPlaces } from './fairest.ts';

/** A place in a bulkhead, held until it is left. */
export interface Place {
  /** Gives the place to whoever is next. Further calls do nothing. */
  leave(): void;
}

/** Who asks for a place. */
export interface Waiting {
  /** Who shares alike with others; all are one group unless told. */
  readonly group?: string | undefined;
  /** Those with the lowest go first, whatever their group; 0 unless told. */
  readonly rank?: number;
}

/** One who waits for a place. */
interface Waiter {
  readonly group: string;
  readonly rank: number;
  readonly enter: (place: Place) => void;
}

/**
 * Places for heavy work, shared by all who ask: who finds none waits in line.
 *
 *     a: place(a)     (p|)                       (places 2, p is held until it is left)
 *     a: place(a)     -(p|)
 *     a: place(a)     --------(p|)               waits for one to leave; b was later but had none
 *     b: place(b)     ---(p|)
 *     leave()         ---x----x
 *
 * A place that is left goes to the lowest rank, there to the group that holds the fewest, and among equals to whoever waited
 * longest. Nobody loses a place to another. With work of one kind confined to its places, a flood of it cannot take all
 * there is.
 *
 * The line is as long as those who ask are many: they bound it.
 */
export class Bulkhead {
  readonly #places: () => number;
  readonly #heldGroups = new Map<Place, string>();
  readonly #held = new HeldPlaces();
  readonly #waiting = new Set<Waiter>();
  #placesCount = 0;
  #serving = false;

  /** @param places How many there are: read again whenever somebody asks or leaves, and at `reread`; zero pauses. */
  constructor(places: () => number) {
    this.#places = places;
  }

  /** How many wait for a place now. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Places that are held now. */
  get held(): number {
    return this.#heldGroups.size;
  }

  /**
   * One place: at once, synchronously, where there is room, or when one gets free; then it completes.
   *
   * Cancellation: unsubscribing before it emitted leaves the line. Afterwards the place is the subscriber's, who has to leave
   * it, in a `finalize` that outlives whatever lies between: a place that gets stuck in a `delay`, or on its way back from
   * `stepAside`, is held all the same. So note it as it comes:
   *
   *     defer(() => {
   *       let place: Place | null = null;
   *       return slot.stepAside(bulkhead.place({ group: tenant }).pipe(tap((entered) => { place = entered; }))).pipe(
   *         mergeMap(work),
   *         finalize(() => place?.leave()),
   *       );
   *     })
   *
   * @throws What `places` throws. Where it does so as somebody leaves, `leave` throws it, and the place is free all the same.
   */
  place({ group = '', rank = 0 }: Waiting = {}): Observable<Place> {
    return new Observable((subscriber) => {
      const waiter: Waiter = {
        group,
        rank,
        enter: (place) => {
          subscriber.next(place);
          subscriber.complete();
        },
      };
      this.#placesCount = this.#places();
      this.#waiting.add(waiter);
      // Before anybody is let in: who has left by now, or leaves meanwhile, would hold a place for ever.
      subscriber.add(() => this.#waiting.delete(waiter));
      this.#serve();
    });
  }

  /** Reads again how many places there are, and lets in whoever may enter. */
  reread(): void {
    if (this.#waiting.size === 0) return;
    this.#placesCount = this.#places();
    if (!this.#serving) this.#serve();
  }

  /** Lets in whoever may enter. An ask from within is served at once; a leave from within, by the loop that let it in. */
  #serve(): void {
    const outer = this.#serving;
    this.#serving = true;
    for (let waiter = this.#next(); waiter !== null; waiter = this.#next()) {
      this.#waiting.delete(waiter);
      waiter.enter(this.#hold(waiter.group));
    }
    this.#serving = outer;
  }

  #next(): Waiter | null {
    if (this.#heldGroups.size >= this.#placesCount) return null;
    return fairest(this.#lowest(), ({ group }) => group, this.#held);
  }

  /** Those who wait with the lowest rank, in order of arrival. */
  *#lowest(): Iterable<Waiter> {
    let lowest = Number.POSITIVE_INFINITY;
    for (const { rank } of this.#waiting) lowest = Math.min(lowest, rank);
    for (const waiter of this.#waiting) if (waiter.rank === lowest) yield waiter;
  }

  #hold(group: string): Place {
    const place: Place = { leave: () => this.#leave(place) };
    this.#heldGroups.set(place, group);
    this.#held.take(group);
    return place;
  }

  #leave(place: Place): void {
    const group = this.#heldGroups.get(place);
    if (group === undefined) return;
    this.#heldGroups.delete(place);
    this.#held.giveBack(group);
    this.#placesCount = this.#places();
    if (!this.#serving) this.#serve();
  }
}
