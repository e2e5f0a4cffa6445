import { extname } from 'node:path';
import { contentTypeOf } from '#main/demo/content-type.ts';

/** Names that browsers do not know; what nobody here reads is declared as something that is let in. */
const UNKNOWN_TO_BROWSERS: Readonly<Record<string, string>> = {
  '.mpegts': 'video/mp2t',
  '.mka': 'audio/webm',
  '.aiff': 'audio/wav',
  '.caf': 'audio/mp4',
};

/** What a file of the corpus, or of the fixtures, is declared to be. */
export function declaredType(name: string): string {
  return UNKNOWN_TO_BROWSERS[extname(name)] ?? contentTypeOf(name);
}
