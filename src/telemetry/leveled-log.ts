import type { Log } from '#ports/log.ts';

/** Levels of a line, from talkative to grave. */
type LineLevel = keyof Log;

/** How much a log says; `silent` is nothing. */
export type LogLevel = LineLevel | 'silent';

/** A log that can be told to say more, or less, while it is in use. */
export interface LeveledLog extends Log {
  setLevel(level: LogLevel): void;
}

/** A log whose lines differ only in their level. */
export function leveledLog(
  line: (level: LineLevel) => Log[LineLevel],
  setLevel: LeveledLog['setLevel'],
): LeveledLog {
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    setLevel,
  };
}
