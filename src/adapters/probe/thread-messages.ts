import type { ErrorCode, ErrorKind } from '#domain/errors.ts';
import type { ProbeReport } from '#ports/media-probe.ts';

/** An error as it passes between threads. */
export interface ErrorText {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly cause: string;
}

/** What a probe thread is told: what to read, and what its reads brought. */
export type ToThread =
  | {
      readonly say: 'probe';
      readonly size: number;
      readonly etag: string;
      readonly container: string;
    }
  | { readonly say: 'bytes'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly say: 'fault'; readonly id: number; readonly error: ErrorText };

/** What it answers: reads it wants, and in the end what it found. */
export type FromThread =
  | { readonly say: 'read'; readonly id: number; readonly start: number; readonly end: number }
  | { readonly say: 'found'; readonly report: ProbeReport }
  /** `ofSource`: the error is that of a read, which the other side knows better. */
  | { readonly say: 'failed'; readonly error: ErrorText; readonly ofSource: boolean };
