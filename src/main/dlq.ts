import { operatorApp } from '#app/app.ts';
import { LIMITS } from '#config/limits.ts';
import { isFancyTerminal } from '#config/terminal.ts';
import { ForgeError } from '#domain/errors.ts';
import type { DeadLetters } from '#ports/dead-letters.ts';
import { boot } from './boot.ts';
import { counter } from './dlq/counter.ts';
import { type DlqOptions, readOptions, USAGE, UsageError } from './dlq/options.ts';
import { type DlqDeps, runDlq } from './dlq/run-dlq.ts';
import type { Ports } from './ports.ts';
import { runMain, untilSignal } from './run-main.ts';

/** Of a command line that makes no sense, so that scripts can tell it from a failure. */
const EXIT_USAGE = 2;

/** `npm run dlq`: looks at the dead letters, redrives or removes them. */
async function main(): Promise<void> {
  const options = optionsOrUsage();
  if (!options) return;
  // No operator retries what is done by hand: the SDK makes a failed call again, as the API's does.
  const { ports } = await boot('api', 'streamforge-dlq', 'warn');
  const stop = new AbortController();
  void untilSignal().then(() =>
    stop.abort(new ForgeError('ABORTED', 'transient', 'interrupted: what was left is given back')),
  );
  try {
    const letters = await ports.openDeadLetters();
    const isWell = await runDlq(depsOf(ports, letters), options, stop.signal);
    process.exitCode = isWell ? 0 : 1;
  } finally {
    ports.close();
  }
}

function optionsOrUsage(): DlqOptions | null {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options) process.stdout.write(USAGE);
    return options;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exitCode = EXIT_USAGE;
    return null;
  }
}

function depsOf(ports: Ports, letters: DeadLetters): DlqDeps {
  const deps = { ...ports, letters, limits: LIMITS };
  const app = operatorApp(deps);
  const say = (text: string): void => void process.stderr.write(text);
  return {
    ...deps,
    gather: app.queries.gatherDeadLetters,
    redrive: app.commands.redriveDeadLetter,
    counter: counter(say, process.stderr.isTTY === true && isFancyTerminal()),
    write: (text) => void process.stdout.write(text),
    warn: (line) => say(`${line}\n`),
  };
}

await runMain(main);
