import type { MediaType } from '#domain/media-types.ts';
import type { Strategy } from '#ports/strategy.ts';

/** The strategy that reads files of a media type; null where there is none. */
export function selectStrategy(
  strategies: readonly Strategy[],
  mediaType: MediaType,
): Strategy | null {
  return strategies.find(({ kind }) => kind === mediaType.kind) ?? null;
}
