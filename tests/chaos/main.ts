/** `npm run chaos`: see the usage in `options.ts`. */
import { randomInt } from 'node:crypto';
import { isFancyTerminal } from '#config/terminal.ts';
import { runMain } from '#main/run-main.ts';
import { table } from '#main/table.ts';
import { ProcessGroups } from '../support/process-groups.ts';
import { isAsPlanned } from './checker.ts';
import { type ChaosCommand, readOptions, USAGE } from './options.ts';
import { type ChaosPlan, planChaos } from './plan.ts';
import { planText } from './plan-text.ts';
import { progressLine } from './progress-line.ts';
import { type ChaosResult, runChaos } from './run.ts';

const INTERRUPTED = 130;
const VIOLATIONS_SHOWN = 40;

const write = (text: string): void => {
  process.stdout.write(text);
};

async function main(): Promise<void> {
  const command = readOptions(process.argv.slice(2), () => randomInt(2 ** 32 - 1));
  const plan = planChaos(command);
  if (command.help) return write(USAGE);
  if (command.plan) return write(command.json ? `${JSON.stringify(plan)}\n` : planText(plan));
  process.exitCode = await chaos(command, plan);
  // A run that was broken off has timers and connections left.
  process.exit();
}

/** Runs, tells, and cleans up. Answers with the exit code. */
async function chaos(command: ChaosCommand, plan: ChaosPlan): Promise<number> {
  const { seed, jobs, workers, cloud, timeoutMs, keep, json } = command;
  if (!json) write(`seed ${seed}, ${jobs} jobs, ${workers} workers, ${cloud} cloud\n`);
  const signal = interruption();
  const groups = await ProcessGroups.open('streamforge-chaos-', keep);
  const progress = progressLine(json ? () => {} : write, isFancyTerminal(), jobs);
  try {
    const run = runChaos(plan, { cloud, groups, signal, timeoutMs, onProgress: progress.show });
    const result = await Promise.race([run, rejection(signal)]);
    progress.end();
    tell(command, result);
    return isAsPlanned(result) ? 0 : 1;
  } catch (error) {
    progress.end();
    if (!signal.aborted) throw error;
    return INTERRUPTED;
  } finally {
    await groups.end();
    if (keep && !json) write(`The logs, and evidence.json, are in ${groups.directory}\n`);
  }
}

/** Aborted by the first signal. Whoever asks twice means it: what is left then is ended from outside. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (interrupted.signal.aborted) process.exit(INTERRUPTED);
      interrupted.abort();
    });
  }
  return interrupted.signal;
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

function tell({ seed, workers, json }: ChaosCommand, result: ChaosResult): void {
  const { verdict, violations, exits, seconds } = result;
  const ok = isAsPlanned(result);
  if (json) {
    const shown = violations.slice(0, VIOLATIONS_SHOWN);
    write(
      `${JSON.stringify({ ...verdict, ok, seed, workers, exits, seconds, violations: shown })}\n`,
    );
    return;
  }
  const rows = Object.entries({ ...verdict, exits, seconds });
  write(
    `${table([['WHAT', 'COUNT'], ...rows.map(([name, value]) => [name, String(value ?? '-')])])}\n`,
  );
  for (const violation of violations.slice(0, VIOLATIONS_SHOWN)) write(`${violation}\n`);
  if (violations.length > VIOLATIONS_SHOWN)
    write(`and ${violations.length - VIOLATIONS_SHOWN} more\n`);
  const again = `npm run chaos -- --jobs ${verdict.jobs} --seed ${seed} --workers ${workers}`;
  write(ok ? 'All is as planned.\n' : `Not as planned. The same faults again: ${again}\n`);
}

await runMain(main);
