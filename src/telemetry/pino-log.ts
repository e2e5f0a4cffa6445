import pino from 'pino';
import type { Log } from '#ports/log.ts';
import { patientStderr } from './patient-stderr.ts';

/** Levels, from talkative to silent. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A log that can be told to say more, or less, while it is in use. */
export interface LeveledLog extends Log {
  setLevel(level: LogLevel): void;
}

/** Signatures in presigned URLs, and anything that is named like a secret: at the top, and one level below. */
const SECRETS = ['url', 'authorization', 'apiKey', 'secretAccessKey'].flatMap((name) => [
  name,
  `*.${name}`,
]);

/** A URL opens something only by its query or its user; the rest of it may be told. */
export function censor(value: unknown, path: readonly string[]): unknown {
  const isPlainUrl = path.at(-1) === 'url' && typeof value === 'string' && !/[?@]/.test(value);
  return isPlainUrl ? value : '[redacted]';
}

/**
 * JSON lines on standard error, so that standard output stays for results. Control characters are escaped by JSON;
 * secrets are replaced before a line is written.
 */
export function pinoLog(level: LogLevel, service: string): LeveledLog {
  const logger = pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS, censor },
    },
    patientStderr(),
  );
  const line = (of: 'debug' | 'info' | 'warn' | 'error'): Log['info'] => {
    return (fields, message) => {
      try {
        logger[of](fields, message);
      } catch {
        // A fact that throws when it is looked at costs the facts, not the line.
        logger[of]({ unwritable: true }, message);
      }
    };
  };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    setLevel: (next) => {
      logger.level = next;
    },
  };
}
