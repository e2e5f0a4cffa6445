/** A URL opens something only by its query or its user; the rest of it may be told. */
export function censor(value: unknown, path: readonly string[]): unknown {
  const isPlainUrl = path.at(-1) === 'url' && typeof value === 'string' && !/[?@]/.test(value);
  return isPlainUrl ? value : '[redacted]';
}
