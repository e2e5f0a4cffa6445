import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Longer than any of these files takes on a machine that is busy. */
const TIMEOUT_MS = 120_000;

/** Runs a command in a directory, and answers with what it wrote. Rejects where it fails. */
export async function run(command: readonly string[], cwd: string): Promise<string> {
  const [file = '', ...args] = command;
  const { stdout } = await execute(file, args, { cwd, timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 });
  return stdout;
}
