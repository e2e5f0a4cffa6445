import { inspect } from 'node:util';
import { ForgeError } from '#domain/errors.ts';

/** Ends an entry point that failed: one readable line for what was thrown on purpose, the stack for a bug. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  process.once('unhandledRejection', die);
  process.once('uncaughtException', die);
  try {
    await main();
  } catch (error) {
    die(error);
  }
}

function die(error: unknown): never {
  process.stderr.write(`${failureText(error)}\n`);
  process.exit(1);
}

/** What the user is told of an error: one line of what was thrown on purpose, the stack of a bug. */
export function failureText(error: unknown): string {
  if (error instanceof ForgeError) return `${error.code}: ${error.message}`;
  // An option that nobody knows is no bug of ours.
  const isUsage =
    error instanceof Error && 'code' in error && /^ERR_PARSE_ARGS/.test(String(error.code));
  return isUsage ? error.message : inspect(error);
}

/** Resolves at the first SIGINT or SIGTERM. The second one ends the process at once: the user means it. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
