import { toForgeError } from '#domain/errors.ts';
import type { Log } from '#ports/log.ts';
import type { Metrics } from '#ports/metrics.ts';

/** What a hostile file has nothing more to try behind: the names of `confinements` say what they are made of. */
const WHOLE = ['limits', 'no network', 'no new privileges'];

/**
 * Says once how a tool is confined here, in the log and in figures: `sf_tool_usable`, and of one that is usable
 * `sf_tool_confined`. With less than all there is a hostile file has more to try.
 */
export async function tellConfinement(
  tool: string,
  confined: { confinement(): Promise<string> },
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Promise<void> {
  try {
    const confinement = await confined.confinement();
    const missing = WHOLE.filter((part) => !confinement.includes(part));
    const isWhole = missing.length === 0;
    metrics.gauge('sf_tool_usable', 1, { tool });
    metrics.gauge('sf_tool_confined', isWhole ? 1 : 0, { tool });
    if (isWhole) log.info({ tool, confinement }, 'tool is confined');
    else log.warn({ tool, confinement, missing }, 'tool is not fully confined');
  } catch (error) {
    metrics.gauge('sf_tool_usable', 0, { tool });
    log.warn({ tool, reason: toForgeError(error).message }, 'tool cannot be used');
  }
}
