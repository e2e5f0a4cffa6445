import { createHash } from 'node:crypto';
import type { Ids } from '#ports/ids.ts';

const asUuid = (hex: string, version: number): string =>
  [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `${version}${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');

/** Ids that count: the first `uuid()` ends in 1, the second in 2. Chance is what a test says it is. */
export class FakeIds implements Ids {
  chance = 0.5;
  #count = 0;

  uuid(): string {
    return asUuid(this.#next(32), 7);
  }

  uuidOf(name: string): string {
    return asUuid(createHash('sha1').update(name).digest('hex'), 5);
  }

  hex(bytes: number): string {
    return this.#next(bytes * 2);
  }

  random(): number {
    return this.chance;
  }

  #next(digits: number): string {
    this.#count += 1;
    return this.#count.toString(16).padStart(digits, '0');
  }
}
