import type { LogFields } from '#ports/log.ts';
import { censor } from './censor.ts';
import { type LeveledLog, type LogLevel, leveledLog } from './leveled-log.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** What people look for in a line; the rest is in the JSON log. */
const SHOWN = [
  'assetId',
  'status',
  'code',
  'attempts',
  'kind',
  'why',
  'reason',
  'lastError',
  'detail',
  'error',
  'url',
  'confinement',
];

/** Anything that could move a terminal's cursor. */
const CONTROL = /\p{C}/gu;

/** Lines for a person at a terminal. */
export function plainLog(
  level: LogLevel,
  write: (line: string) => void,
  time: () => string,
): LeveledLog {
  let lowest = LEVELS.indexOf(level);
  return leveledLog(
    (of) => (fields, message) => {
      if (LEVELS.indexOf(of) < lowest) return;
      const facts = SHOWN.flatMap((name) => tell(fields, name));
      write(`${[time(), of.padEnd(5), message, ...facts].join('  ').replaceAll(CONTROL, ' ')}\n`);
    },
    (next) => {
      lowest = LEVELS.indexOf(next);
    },
  );
}

/** One fact as text, where there is one: whatever it is, telling it never throws. */
function tell(fields: LogFields, name: string): string[] {
  try {
    const value = name === 'url' ? fields[name] && censor(fields[name], [name]) : fields[name];
    return value === undefined ? [] : [`${name}=${String(value)}`];
  } catch {
    return [`${name}=[unwritable]`];
  }
}
