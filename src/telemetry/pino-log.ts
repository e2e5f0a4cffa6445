import pino from 'pino';
import type { Log } from '#ports/log.ts';

/** Levels, from talkative to silent. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Signatures in presigned URLs, and anything that is named like a secret: at the top, and one level below. */
const SECRETS = ['url', 'authorization', 'apiKey', 'secretAccessKey'].flatMap((name) => [
  name,
  `*.${name}`,
]);

/** A URL opens something only by its query or its user; the rest of it may be told. */
function censor(value: unknown, path: readonly string[]): unknown {
  const isPlainUrl = path.at(-1) === 'url' && typeof value === 'string' && !/[?@]/.test(value);
  return isPlainUrl ? value : '[redacted]';
}

/**
 * JSON lines on standard error, so that standard output stays for results. Control characters are escaped by JSON;
 * secrets are replaced before a line is written.
 */
export function pinoLog(level: LogLevel, service: string): Log {
  const logger = pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS, censor },
    },
    pino.destination({ dest: 2, sync: false }),
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
