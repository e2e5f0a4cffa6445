/** Another embedded cloud, most likely this very command in another terminal, has the data directory. */
export class DataDirInUseError extends Error {
  readonly dataDir: string;

  constructor(dataDir: string, cause: unknown) {
    super(`Another embedded cloud is using the data directory ${dataDir}`, { cause });
    this.name = 'DataDirInUseError';
    this.dataDir = dataDir;
  }
}
