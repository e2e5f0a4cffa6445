import type { MediaSource } from './media-source.ts';

/**
 * The first witness: what the magic bytes say.
 *
 * Answers with a container name as `domain/metadata.ts` spells it, or null where nothing known begins like this.
 * Reads at most the first few kilobytes. Errors: those of the source, nothing else.
 */
export interface TypeSniffer {
  sniff(source: MediaSource, signal: AbortSignal): Promise<string | null>;
}
