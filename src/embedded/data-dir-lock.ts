import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DataDirInUseError } from './data-dir-in-use-error.ts';

/**
 * Takes a data directory for this cloud alone, until the result is called or the process ends, however it ends: the
 * lock is the operating system's, through an empty SQLite database.
 */
export function lockDataDir(dataDir: string): () => void {
  const database = new DatabaseSync(join(dataDir, 'lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new DataDirInUseError(dataDir, cause);
  }
  return () => database.close();
}
