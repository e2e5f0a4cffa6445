import { SystemIds } from '#adapters/node/system-ids.ts';
import type { Ids } from '#ports/ids.ts';

const asUuid = (hex: string): string =>
  [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `7${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');

/** Names are no matter of chance: theirs are the real ones. */
const REAL = new SystemIds();

/** Ids that count: the first `uuid()` ends in 1, the second in 2. Chance is what a test says it is. */
export class FakeIds implements Ids {
  chance = 0.5;
  #count = 0;

  uuid(): string {
    return asUuid(this.#next(32));
  }

  uuidOf(name: string): string {
    return REAL.uuidOf(name);
  }

  hex(bytes: number): string {
    return this.#next(bytes * 2);
  }

  random(): number {
    return this.chance;
  }

  #next(digits: number): string {
    // The number after the last one of so many digits is 1: never all zeros.
    const rest = this.#count % (16 ** digits - 1);
    this.#count += 1;
    return (rest + 1).toString(16).padStart(digits, '0');
  }
}
