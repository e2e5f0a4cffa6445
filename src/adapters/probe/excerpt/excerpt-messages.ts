import type { errorText } from '#adapters/probe/thread-messages.ts';
import type { FilmRequest } from './key-frame-film.ts';

type ErrorText = ReturnType<typeof errorText>;

/** What an excerpt thread is started with. */
export interface ExcerptOrder {
  readonly size: number;
  readonly etag: string;
  readonly request: FilmRequest;
}

/** What it is told: what its reads brought. */
export type ToExcerpt =
  | { readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly error: ErrorText };

/** What it says: reads it wants, and in the end what came of it. */
export type FromExcerpt =
  | { readonly say: 'read'; readonly id: number; readonly start: number; readonly end: number }
  | { readonly say: 'film'; readonly film: Uint8Array }
  | { readonly say: 'failed'; readonly error: ErrorText };
