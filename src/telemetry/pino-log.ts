import pino from 'pino';
import { censor } from './censor.ts';
import { type LeveledLog, type LogLevel, leveledLog } from './leveled-log.ts';
import { patientStderr } from './patient-stderr.ts';

/** Signatures in presigned URLs, and anything that is named like a secret: at the top, and one level below. */
const SECRETS = ['url', 'authorization', 'apiKey', 'secretAccessKey'].flatMap((name) => [
  name,
  `*.${name}`,
]);

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
  return leveledLog(
    (of) => (fields, message) => {
      try {
        logger[of](fields, message);
      } catch {
        // A fact that throws when it is looked at costs the facts, not the line.
        logger[of]({ unwritable: true }, message);
      }
    },
    (next) => {
      logger.level = next;
    },
  );
}
