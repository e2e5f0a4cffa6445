import { it } from 'vitest';

/** A case of a contract, or the same skipped, with its reason in its name, where an adapter cannot run it. */
export function itUnless(
  reason: string | undefined,
  title: string,
  run: () => Promise<void>,
): void {
  if (reason === undefined) it(title, run);
  else it.skip(`${title} (skipped: ${reason})`, run);
}
