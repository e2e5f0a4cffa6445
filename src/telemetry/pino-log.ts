import pino from 'pino';
import type { Log } from '#ports/log.ts';

/** Levels, from talkative to silent. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Signatures in presigned URLs, and anything that is named like a secret. */
const SECRETS = [
  'url',
  'authorization',
  'apiKey',
  'secretAccessKey',
  '*.url',
  '*.authorization',
  '*.secretAccessKey',
];

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
      redact: { paths: SECRETS, censor: '[redacted]' },
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
