import { parseArgs } from 'node:util';
import { ForgeError } from '#domain/errors.ts';
import type { CloudName } from './cloud-process.ts';
import type { ChaosSize } from './plan.ts';

/** What the command line asks for. */
export interface ChaosCommand extends ChaosSize {
  readonly cloud: CloudName;
  readonly json: boolean;
  readonly plan: boolean;
  readonly keep: boolean;
  readonly help: boolean;
  readonly timeoutMs: number;
}

export const USAGE = `npm run chaos -- [options]

Runs real processes, lets everything go wrong that a seed says, and looks at what is left. Exits 1 where a job was lost,
doubled or stuck, a lock or a file leaked, or another job failed than was to.

  --jobs N      uploads                                        (100)
  --seed S      plans the faults; the same seed, the same plan (drawn, and printed)
  --workers W   worker processes                               (3)
  --cloud NAME  embedded, or moto where moto_server is there   (embedded)
  --minutes M   ends a run that takes longer; --timeout S in seconds
                                                               (10, and 1 for every 200 jobs)
  --plan        prints the plan, and runs nothing
  --keep        keeps the logs and all that was found, and says where
  --json        one line of JSON on stdout, nothing else
`;

const SECONDS_MAX = 24 * 3600;

/**
 * Reads the command line.
 *
 * @param drawSeed Draws a seed where none is given.
 * @throws ForgeError `INVALID_CONFIG` (permanent), one line for the user.
 */
export function readOptions(args: readonly string[], drawSeed: () => number): ChaosCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      jobs: { type: 'string', default: '100' },
      seed: { type: 'string' },
      workers: { type: 'string', default: '3' },
      cloud: { type: 'string', default: 'embedded' },
      minutes: { type: 'string' },
      timeout: { type: 'string' },
      plan: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { cloud, json, plan, keep, help } = values;
  if (cloud !== 'embedded' && cloud !== 'moto') {
    throw usage(`--cloud takes embedded or moto, not ${cloud}`);
  }
  const jobs = whole('jobs', values.jobs, 1, 1_000_000);
  const minutes =
    values.minutes === undefined
      ? 10 + Math.ceil(jobs / 200)
      : whole('minutes', values.minutes, 1, SECONDS_MAX / 60);
  const seconds =
    values.timeout === undefined ? minutes * 60 : whole('timeout', values.timeout, 1, SECONDS_MAX);
  return {
    jobs,
    seed: values.seed === undefined ? drawSeed() : whole('seed', values.seed, 0, 2 ** 32 - 1),
    workers: whole('workers', values.workers, 1, 64),
    cloud,
    json,
    plan,
    keep,
    help,
    timeoutMs: seconds * 1000,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw usage(`--${name} takes a whole number from ${min} to ${max}, not ${text}`);
}

const usage = (text: string): ForgeError => new ForgeError('INVALID_CONFIG', 'permanent', text);
