import { constants } from 'node:fs';
import { access } from 'node:fs/promises';

/** The first of these files that we may run; null where there is none. */
export async function firstRunnable(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return null;
}
