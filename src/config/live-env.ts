import { type FieldFault, ForgeError } from '#domain/errors.ts';
import { type Env, readEnv } from './env.ts';

/** What may change while a process runs. */
const TUNABLES: ReadonlySet<string> = new Set([
  'WORKER_CONCURRENCY',
  'WORKER_CONCURRENCY_MIN',
  'WORKER_CONCURRENCY_MAX',
  'WORKER_ATTEMPTS_MAX',
  'LOG_LEVEL',
]);

/**
 * What came of rereading. `refused` changes nothing. `later` names what has changed and only counts at the next start;
 * values are told of tunables alone, which are no secrets.
 */
export type Reread =
  | { readonly kind: 'no file' }
  | { readonly kind: 'refused'; readonly faults: readonly FieldFault[] }
  | {
      readonly kind: 'reread';
      readonly changed: Readonly<Record<string, unknown>>;
      readonly later: readonly string[];
    };

/**
 * The environment of a process that rereads its tunables. Nobody can change the environment of a running process, so they
 * come from the file that `ENV_FILE` names.
 */
export class LiveEnv {
  /** Its tunables are those last read, so they are to be looked at when they are needed; all else is as at the start. */
  readonly env: Env;
  readonly #read: () => Env;
  readonly #atStart: Env;
  #latest: Env;

  /** @throws ForgeError `INVALID_CONFIG` (permanent), as {@link readEnv}. */
  constructor(read: () => Env = readEnv) {
    this.#read = read;
    this.#atStart = read();
    this.#latest = this.#atStart;
    // A copy, because a proxy may not answer otherwise for what is frozen.
    this.env = new Proxy(
      { ...this.#atStart },
      {
        get: (atStart, name) => Reflect.get(isTunable(name) ? this.#latest : atStart, name),
      },
    );
  }

  /** Reads the file again: all of it counts, or nothing. */
  reread(): Reread {
    if (this.#atStart.ENV_FILE === undefined) return { kind: 'no file' };
    try {
      const next = this.#read();
      const changed = differing(this.#latest, next).filter(isTunable);
      this.#latest = next;
      const values = changed.map((name) => [name, Reflect.get(next, name)]);
      const later = differing(this.#atStart, next).filter((name) => !isTunable(name));
      return { kind: 'reread', changed: Object.fromEntries(values), later };
    } catch (error) {
      if (error instanceof ForgeError) return { kind: 'refused', faults: error.faults };
      throw error;
    }
  }
}

const isTunable = (name: string | symbol): boolean =>
  typeof name === 'string' && TUNABLES.has(name);

/** The names whose values are not the same. */
function differing(a: Env, b: Env): readonly string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const text = (env: Env, name: string) => JSON.stringify(Reflect.get(env, name));
  return names.filter((name) => text(a, name) !== text(b, name));
}
