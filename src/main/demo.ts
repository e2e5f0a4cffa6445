import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Env, readEnvWith } from '#config/env.ts';
import { isFancyTerminal } from '#config/terminal.ts';
import { plainLog } from '#telemetry/plain-log.ts';
import { reportText } from './demo/print-reports.ts';
import { progress } from './demo/progress.ts';
import { type FileReport, runFile } from './demo/run-file.ts';
import { openSubscriber } from './demo/subscriber.ts';
import { runMain, untilSignal } from './run-main.ts';
import { type Stack, startStack } from './start-stack.ts';

const SAMPLES = ['clip.mp4', 'clip.webm', 'tone.mp3', 'portrait.jpg'];

/** A file that takes longer has been lost. */
const FILE_TIMEOUT_MS = 120_000;

/** `npm run demo -- [FILES…] [--json]`: real files through a stack of its own, and what was found. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  const samples = SAMPLES.map((name) => join(import.meta.dirname, '..', '..', 'samples', name));
  const files = positionals.length > 0 ? positionals : samples;
  const dataDir = await mkdtemp(join(tmpdir(), 'streamforge-demo-'));
  const interrupted = untilSignal().then(() => null);
  try {
    const env = demoEnv(dataDir);
    const log = plainLog(
      'warn',
      (line) => process.stderr.write(line),
      () => new Date().toTimeString().slice(0, 8),
    );
    const stack = await startStack(env, log);
    const run = runAll(stack, env, files, values.json).finally(() => stack.stop());
    const reports = await Promise.race([run, interrupted]);
    // What is under way is thrown away with its state: there is nothing to drain.
    if (reports === null) return end(dataDir, 130);
    const passed = reports.every(({ status, failure }) => status === 'COMPLETED' && !failure);
    end(dataDir, passed ? 0 : 1);
  } catch (error) {
    rmSync(dataDir, REMOVAL);
    throw error;
  }
}

const REMOVAL = { recursive: true, force: true, maxRetries: 5 } as const;

/** Removes the state and ends, in one go, so that nothing is told of a state that is gone. */
function end(dataDir: string, exitCode: number): void {
  rmSync(dataDir, REMOVAL);
  if (exitCode > 1) process.exit(exitCode);
  process.exitCode = exitCode;
}

/** The user's environment, but for what would let the demo meet anything else: free ports, its own state, no Redis, no keys. */
function demoEnv(dataDir: string): Env {
  const free = {
    PORT: '0',
    CLOUD_S3_PORT: '0',
    CLOUD_MESSAGING_PORT: '0',
    CLOUD_DYNAMODB_PORT: '0',
    METRICS_PORT: '',
  };
  const apart = { HOST: '127.0.0.1', REDIS_URL: '', API_KEYS: '', S3_PUBLIC_ENDPOINT: '' };
  return readEnvWith({ ...free, ...apart, DATA_DIR: dataDir });
}

async function runAll(
  stack: Stack,
  env: Env,
  files: readonly string[],
  json: boolean,
): Promise<readonly FileReport[]> {
  const inbox = await openSubscriber(stack, env);
  const write = (text: string): void => void process.stdout.write(text);
  const bars = progress(json ? () => {} : write, isFancyTerminal());
  const reports: FileReport[] = [];
  for (const path of files) {
    const report = await runFile(path, {
      api: stack.url,
      inbox,
      timeoutMs: FILE_TIMEOUT_MS,
      onSent: bars.sent,
    });
    if (json) write(`${JSON.stringify(report)}\n`);
    reports.push(report);
  }
  if (!json) write(`\n${reportText(reports)}`);
  await inbox.close();
  return reports;
}

await runMain(main);
