import * as v from 'valibot';
import { ForgeError } from '#domain/errors.ts';
import { VARIABLES } from './variables.ts';

const ENV = v.object(VARIABLES);

type Source = Readonly<Record<string, string | undefined>>;

/** The environment, checked and typed, under its own names. */
export type Env = Readonly<v.InferOutput<typeof ENV>>;

/** Names whose values are never shown. */
const SECRET: ReadonlySet<string> = new Set(['API_KEYS', 'REDIS_URL']);

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Reads the environment. An empty variable counts as unset.
 *
 * @throws ForgeError `INVALID_CONFIG` (permanent) with every fault at once, by name; values of secrets are not shown.
 */
export function readEnv(source: Source = process.env): Env {
  const given = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = v.safeParse(ENV, given);
  const faults = (parsed.issues ?? []).map((issue) => {
    const name = String(issue.path?.[0]?.key ?? '');
    const shown = SECRET.has(name) ? '' : `, not '${String(given[name]).slice(0, 100)}'`;
    return { pointer: `/${name}`, detail: `${name} ${reason(issue)}${shown}` };
  });
  const { HOST: host, API_KEYS: keys } = given;
  if (host !== undefined && !LOOPBACK.has(host) && keys === undefined) {
    const detail = `API_KEYS has to be set when HOST is not a loopback address, as '${host}'`;
    faults.push({ pointer: '/API_KEYS', detail });
  }
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
