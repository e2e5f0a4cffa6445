import { ForgeError } from '#domain/errors.ts';
import type { Log } from '#ports/log.ts';
import { failureText } from './run-main.ts';

/** What is left to do when a process has to end at once. */
export interface LastWill {
  readonly log: Log;
  /** Gives back what is under way. The process waits for it, so it has to be short. */
  readonly abandon?: () => Promise<unknown>;
}

/** How a process that runs until it is told otherwise hears of its end. */
export interface Life {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly asked: Promise<NodeJS.Signals>;
  /** From now on an end that nobody planned goes by this. */
  bequeath(will: LastWill): void;
}

/**
 * Runs what runs until it is told otherwise, and ends the process with it: with 0 where `main` came to its end. A second
 * signal, or an error nobody caught, gives back what is under way and ends the process with 1: the user means it, and
 * after a bug nothing can be relied on.
 */
export async function runProcess(main: (life: Life) => Promise<void>): Promise<void> {
  const asked = Promise.withResolvers<NodeJS.Signals>();
  let will: LastWill | null = null;
  let signals = 0;
  let ending = false;
  const endNow = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    try {
      await will?.abandon?.();
    } finally {
      process.exit(1);
    }
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    if (signals === 1) asked.resolve(signal);
    else void endNow();
  };
  const onBug = (message: string) => (error: unknown) => {
    tell(will, message, error);
    void endNow();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('unhandledRejection', onBug('unhandled rejection'));
  process.on('uncaughtException', onBug('uncaught exception'));
  try {
    await main({
      asked: asked.promise,
      bequeath: (given) => {
        will = given;
      },
    });
    // Nothing that hangs, a connection to a frozen server for one, keeps the process: all that matters has ended.
    if (!ending) process.exit();
  } catch (error) {
    onBug('failed')(error);
  }
}

/** What was thrown on purpose is a line for the user; a bug is one for the log, its stack as a field. */
function tell(will: LastWill | null, message: string, error: unknown): void {
  if (will === null || error instanceof ForgeError) {
    process.stderr.write(`${failureText(error)}\n`);
    return;
  }
  const { message: reason, stack } = error instanceof Error ? error : new Error(String(error));
  will.log.error({ error: reason, stack }, message);
}
