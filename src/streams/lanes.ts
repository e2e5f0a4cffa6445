/** How the slots are shared between heavy work and the rest; see {@link lanesOf}. */
export interface Lanes {
  /** Jobs of heavy work at once. @param waiting Messages in hand that have had no slot yet. */
  heavyMax(waiting: number): number;
  /** Jobs at once. @param heavy Those of them whose work is heavy. */
  slots(heavy: number): number;
}

/**
 * Heavy work must neither starve light work nor leave slots idle.
 *
 * What a message asks for is known once it is claimed, and for that it needs a slot. So for each message that waits a slot is
 * kept from heavy work, up to the share of light work: through those they are claimed, the light ones are done, and the heavy
 * ones step aside. When nobody waits nothing is kept, and heavy work has every slot. Whoever comes then finds as many slots
 * more as heavy work has taken of that share: so there may be that many jobs more than slots, all of them light.
 *
 * @param slots How many jobs at once, of whatever kind.
 * @param lightShare Of the slots, what is for light work.
 */
export function lanesOf(slots: () => number, lightShare: number): Lanes {
  const kept = (): number => Math.min(Math.ceil(slots() * lightShare), slots() - 1);
  return {
    heavyMax: (waiting) => slots() - Math.min(kept(), waiting),
    slots: (heavy) => slots() + Math.max(0, heavy - (slots() - kept())),
  };
}
