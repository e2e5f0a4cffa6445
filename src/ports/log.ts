/** The facts of a log line; values are written as JSON. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where state changes and faults are told. One line per state change, facts as fields, the message constant, so that
 * lines can be counted. Never throws, never blocks. Presigned URLs and keys have no place in it.
 */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}
