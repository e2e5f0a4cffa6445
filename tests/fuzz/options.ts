import { parseArgs } from 'node:util';
import { ForgeError } from '#domain/errors.ts';

/** What the command line asks for. */
export interface FuzzCommand {
  readonly seconds: number;
  /** At most. */
  readonly files: number;
  readonly seed: number;
  /** Where files that made a failure are kept. */
  readonly keep: string | null;
  /** A directory of more files to damage. */
  readonly corpus: string | null;
  readonly derivatives: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run fuzz -- [options]

Damages real files as a seed says, and reads each through everything a worker reads it through, in a process that is
watched from outside. Exits 1 where one ended in anything but a result or a ForgeError that blames the file, hung, crashed,
or left a process, a thread, a temporary file or memory behind.

  --seconds N     how long                                          (60)
  --files N       at most so many                                   (no end)
  --seed S        the same seed, the same files in the same order   (drawn, and printed)
  --keep DIR      saves each file that made a failure there
  --corpus DIR    damages the files of a directory too, as tools/make-corpus.ts makes it
  --derivatives   makes what is made of good files as well: slower
  --json          one line of JSON on stdout, nothing else
`;

const SECONDS_MAX = 24 * 3600;

/**
 * Reads the command line.
 *
 * @param drawSeed Draws a seed where none is given.
 * @throws ForgeError `INVALID_CONFIG` (permanent), one line for the user.
 */
export function readOptions(args: readonly string[], drawSeed: () => number): FuzzCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      files: { type: 'string' },
      seed: { type: 'string' },
      keep: { type: 'string' },
      corpus: { type: 'string' },
      derivatives: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { keep = null, corpus = null, derivatives, json, help } = values;
  return {
    seconds: whole('seconds', values.seconds, 1, SECONDS_MAX),
    files:
      values.files === undefined
        ? Number.POSITIVE_INFINITY
        : whole('files', values.files, 1, 2 ** 32 - 1),
    seed: values.seed === undefined ? drawSeed() : whole('seed', values.seed, 0, 2 ** 32 - 1),
    ...{ keep, corpus, derivatives, json, help },
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  const detail = `--${name} takes a whole number from ${min} to ${max}, not ${text}`;
  throw new ForgeError('INVALID_CONFIG', 'permanent', detail);
}
