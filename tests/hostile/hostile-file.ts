import type { ErrorCode } from '#domain/errors.ts';

/** A file that means harm, or is broken as files are in life. */
export interface HostileFile {
  /** As `docs/hostile-media.md` numbers it. */
  readonly id: string;
  readonly what: string;
  readonly contentType: string;
  readonly bytes: Uint8Array | (() => Uint8Array);
  /** Zeros behind the bytes, which take no room on the disk. */
  readonly size?: number;
  /** What its client calls it. */
  readonly fileName?: string;
  /** How it ends; `OK` where there is nothing wrong with it. */
  readonly code: ErrorCode | 'OK';
}

/** A row of the table: an MP4 by declaration, unless told. */
export const hostile = (
  id: string,
  what: string,
  code: HostileFile['code'],
  bytes: HostileFile['bytes'] | string,
  more: Partial<HostileFile> = {},
): HostileFile => ({
  id,
  what,
  code,
  contentType: 'video/mp4',
  bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
  ...more,
});
