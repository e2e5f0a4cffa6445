/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number, both ends included. */
  between(min: number, max: number): number;
  /** One of them, each as likely as its weight says. */
  pick<T>(weighted: readonly (readonly [weight: number, value: T])[]): T;
}

/** Mulberry32: short, and good enough to plan faults with. Source: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(weighted: readonly (readonly [number, T])[]): T => {
    let left = next() * weighted.reduce((sum, [weight]) => sum + weight, 0);
    const found = weighted.find(([weight]) => {
      left -= weight;
      return left < 0;
    });
    const [, value] = found ?? weighted.at(-1) ?? [];
    if (value === undefined) throw new RangeError('there is nothing to pick from');
    return value;
  };
  return { next, between, pick };
}
