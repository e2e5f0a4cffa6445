import { readFileSync } from 'node:fs';
import { hasCode } from '#embedded/has-code.ts';

/** What was written as JSON to a file of ours; null where there is no such file. */
export function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
