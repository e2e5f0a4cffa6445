import { type ErrorCode, type ErrorKind, ForgeError, toForgeError } from '#domain/errors.ts';
import type { ProbeReport } from '#ports/media-probe.ts';

/** An error as it passes between threads. */
interface ErrorText {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly cause: string;
}

/** An error, to be sent. */
export function errorText(error: unknown): ErrorText {
  const { code, kind, message, cause } = toForgeError(error);
  return { code, kind, message, cause: String(cause ?? '') };
}

/** An error that was received. */
export function errorOf({ code, kind, message, cause }: ErrorText): ForgeError {
  return new ForgeError(code, kind, message, cause === '' ? {} : { cause });
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

/** What it says: that it could read, and then of each file what it wants of it, and in the end what it found. */
export type FromThread =
  | { readonly say: 'ready' }
  | { readonly say: 'read'; readonly id: number; readonly start: number; readonly end: number }
  | { readonly say: 'found'; readonly report: ProbeReport }
  /** `ofSource`: the error is that of a read, which the other side knows better. */
  | { readonly say: 'failed'; readonly error: ErrorText; readonly ofSource: boolean };
