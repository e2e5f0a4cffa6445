/** States in flat memory, each once: words by number, and the number by hashing the words. */
export class StateStore {
  count = 0;
  readonly #words: number;
  readonly #chunks: Int32Array[] = [];
  #table = new Int32Array(1 << 14).fill(-1);

  constructor(words: number) {
    this.#words = words;
  }

  read(number: number, target: Int32Array): void {
    const chunk = this.#chunks[number >>> 14] as Int32Array;
    const base = (number & 0x3fff) * this.#words;
    for (let k = 0; k < this.#words; k++) target[k] = chunk[base + k] as number;
  }

  /** The number of a state; a new one gets the next. */
  add(state: Int32Array): number {
    const mask = this.#table.length - 1;
    let slot = hashOf(state) & mask;
    for (let known = this.#at(slot); known >= 0; known = this.#at(slot)) {
      if (this.holds(known, state)) return known;
      slot = (slot + 1) & mask;
    }
    const number = this.count++;
    if ((number & 0x3fff) === 0) this.#chunks.push(new Int32Array(this.#words << 14));
    this.#chunks[number >>> 14]?.set(state, (number & 0x3fff) * this.#words);
    this.#table[slot] = number;
    if (this.count * 2 > this.#table.length) this.#grow();
    return number;
  }

  holds(number: number, state: Int32Array): boolean {
    const chunk = this.#chunks[number >>> 14] as Int32Array;
    const base = (number & 0x3fff) * this.#words;
    for (let k = 0; k < this.#words; k++) if (chunk[base + k] !== state[k]) return false;
    return true;
  }

  #at(slot: number): number {
    return this.#table[slot] as number;
  }

  #grow(): void {
    this.#table = new Int32Array(this.#table.length * 4).fill(-1);
    const mask = this.#table.length - 1;
    const state = new Int32Array(this.#words);
    for (let number = 0; number < this.count; number++) {
      this.read(number, state);
      let slot = hashOf(state) & mask;
      while (this.#at(slot) >= 0) slot = (slot + 1) & mask;
      this.#table[slot] = number;
    }
  }
}

function hashOf(state: Int32Array): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < state.length; k++) {
    hash = Math.imul(hash ^ (state[k] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** A list of 32-bit numbers that grows without being copied. */
export class NumberList {
  length = 0;
  readonly #chunks: Int32Array[] = [];

  push(value: number): void {
    if ((this.length & 0xffff) === 0) this.#chunks.push(new Int32Array(1 << 16));
    (this.#chunks[this.length >>> 16] as Int32Array)[this.length++ & 0xffff] = value;
  }

  at(index: number): number {
    return this.#chunks[index >>> 16]?.[index & 0xffff] as number;
  }
}
