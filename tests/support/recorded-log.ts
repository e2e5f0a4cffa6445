import type { Log, LogFields } from '#ports/log.ts';

interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that keeps its lines for a test to look at. */
export class RecordedLog implements Log {
  readonly lines: Line[] = [];

  get messages(): readonly string[] {
    return this.lines.map(({ message }) => message);
  }

  debug(fields: LogFields, message: string): void {
    this.lines.push({ level: 'debug', message, fields });
  }

  info(fields: LogFields, message: string): void {
    this.lines.push({ level: 'info', message, fields });
  }

  warn(fields: LogFields, message: string): void {
    this.lines.push({ level: 'warn', message, fields });
  }

  error(fields: LogFields, message: string): void {
    this.lines.push({ level: 'error', message, fields });
  }
}
