import type { Admits, Circuit } from '#ports/circuit.ts';

/** What all of these together admit: as much as the one that admits least. */
export function admittedBy(circuits: readonly Pick<Circuit, 'admits'>[]): Admits {
  if (circuits.some(({ admits }) => admits === 'none')) return 'none';
  return circuits.some(({ admits }) => admits === 'one') ? 'one' : 'all';
}

/**
 * How many messages may be in hand, by what the dependencies admit that every message needs. Work that is bound to fail
 * would only use up its messages' receives; once one call may show that a dependency is back, one message is in hand to
 * make it, unless more still are.
 *
 * @param limit What may be in hand otherwise.
 */
export function intakeLimit(admits: Admits, limit: number): number {
  if (admits === 'none') return 0;
  return admits === 'one' ? Math.min(1, limit) : limit;
}
