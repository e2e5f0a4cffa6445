import { toForgeError } from '#domain/errors.ts';
import type { Log } from '#ports/log.ts';

/** Says once how a tool is confined here: with less than limits and no network a hostile file has more to try. */
export async function tellConfinement(
  tool: string,
  confined: { confinement(): Promise<string> },
  log: Log,
): Promise<void> {
  try {
    const confinement = await confined.confinement();
    if (confinement.includes('no network')) log.info({ tool, confinement }, 'tool is confined');
    else log.warn({ tool, confinement }, 'tool is not fully confined');
  } catch (error) {
    log.warn({ tool, reason: toForgeError(error).message }, 'tool cannot be used');
  }
}
