import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import * as v from 'valibot';
import { type FieldFault, ForgeError } from '#domain/errors.ts';
import { VARIABLES } from './variables.ts';

const ENV = v.object(VARIABLES);
const AUTO_BOUNDS = v.pick(ENV, ['WORKER_CONCURRENCY_MIN', 'WORKER_CONCURRENCY_MAX']);

type Source = Readonly<Record<string, string | undefined>>;

/** The environment, checked and typed, under its own names. */
export type Env = Readonly<v.InferOutput<typeof ENV>>;

/** Names whose values are never shown. */
const SECRET: ReadonlySet<string> = new Set(['API_KEYS', 'REDIS_URL']);

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Reads the environment, and before it the file that its `ENV_FILE` names. An empty variable counts as unset.
 *
 * @throws ForgeError `INVALID_CONFIG` (permanent) with every fault at once, by name; values of secrets are not shown.
 */
export function readEnv(source: Source = process.env): Env {
  const file = readEnvFile(source['ENV_FILE']);
  const given = Object.fromEntries(
    Object.entries({ ...source, ...file.values }).filter(([, value]) => value),
  );
  const parsed = v.safeParse(ENV, given);
  const faults = (parsed.issues ?? []).map((issue) => {
    const name = String(issue.path?.[0]?.key ?? '');
    const shown = SECRET.has(name) ? '' : `, not '${String(given[name]).slice(0, 100)}'`;
    return { pointer: `/${name}`, detail: `${name} ${reason(issue)}${shown}` };
  });
  faults.push(...file.faults);
  const { HOST: host, API_KEYS: keys } = given;
  if (host !== undefined && !LOOPBACK.has(host) && keys === undefined) {
    const detail = `API_KEYS has to be set when HOST is not a loopback address, as '${host}'`;
    faults.push({ pointer: '/API_KEYS', detail });
  }
  faults.push(...boundsFaults(given));
  if (!parsed.success || faults.length > 0) {
    const lines = faults.map(({ detail }) => `  ${detail}`).join('\n');
    throw new ForgeError(
      'INVALID_CONFIG',
      'permanent',
      `the environment is not usable:\n${lines}`,
      { faults },
    );
  }
  return Object.freeze(parsed.output);
}

/** What a dotenv file says; it cannot name another one. */
function readEnvFile(path = ''): {
  readonly values: Source;
  readonly faults: readonly FieldFault[];
} {
  if (path === '') return { values: {}, faults: [] };
  try {
    return { values: { ...parseEnv(readFileSync(path, 'utf8')), ENV_FILE: path }, faults: [] };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const detail = `ENV_FILE cannot be read (${code}), '${path.slice(0, 100)}'`;
    return { values: {}, faults: [{ pointer: '/ENV_FILE', detail }] };
  }
}

/** Whether the two bounds fit each other, where each is one. */
function boundsFaults(given: Source): readonly FieldFault[] {
  const { success, output } = v.safeParse(AUTO_BOUNDS, given);
  if (!success || output.WORKER_CONCURRENCY_MIN <= output.WORKER_CONCURRENCY_MAX) return [];
  const { WORKER_CONCURRENCY_MIN: min, WORKER_CONCURRENCY_MAX: max } = output;
  const detail = `WORKER_CONCURRENCY_MIN has to be at most WORKER_CONCURRENCY_MAX, which is ${max}, not '${min}'`;
  return [{ pointer: '/WORKER_CONCURRENCY_MIN', detail }];
}

function reason(issue: v.BaseIssue<unknown>): string {
  return issue.type === 'picklist' ? `has to be one of ${issue.expected}` : issue.message;
}

/** The environment of this process with some variables set otherwise; empty is unset. */
export function readEnvWith(overrides: Source): Env {
  return readEnv({ ...process.env, ...overrides });
}

/** What the log may say of the environment: secrets as set or unset. */
export function redacted(env: Env): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, SECRET.has(name) && value ? '[set]' : value]),
  );
}

/** One row of the README's table of variables. */
export interface VariableRow {
  readonly name: string;
  readonly fallback: string;
  readonly about: string;
}

/** Every variable, in order, as the README shows it. */
export function variableRows(): readonly VariableRow[] {
  return Object.entries(VARIABLES).map(([name, schema]) => ({
    name,
    fallback: String(v.getDefault(schema.pipe[0]) ?? ''),
    about: v.getDescription(schema) ?? '',
  }));
}
