import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestProject } from 'vitest/node';

const READY_WAIT_MS = 60_000;

const MOTO = 'moto_server';

/**
 * The cloud of the project `aws`: one endpoint for all four services, `AWS_ENDPOINT_URL` where it is set, else a
 * `moto_server` of our own. `tools/test-aws.ts` looks for both before it starts the tests.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { env } = process;
  const given = env['AWS_ENDPOINT_URL'];
  const moto = given ? null : await startMoto();
  const endpoint = given ?? moto?.url ?? '';
  project.provide('cloud', {
    name: 'aws',
    region: env['AWS_REGION'] ?? 'us-east-1',
    endpoints: { s3: endpoint, sqs: endpoint, sns: endpoint, dynamodb: endpoint },
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? 'test',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
    },
    // Neither moto nor LocalStack, as they come, check a signature.
    traits: { checksSignatures: false, tellsChecksums: false },
  });
  return async () => moto?.stop();
}

interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

/** It takes a free port by itself and says which on stderr, when it listens. */
async function startMoto(): Promise<Moto> {
  const child = spawn(MOTO, ['-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  try {
    const url = await announcedUrl(child);
    await answers(url);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function announcedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`moto_server ended with ${code}: ${said}`)));
    // Read to the end: a full pipe would stop the server, which logs every request.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      const [, url] = /Running on (http:\/\/[\d.]+:\d+)/.exec(said) ?? [];
      if (url) resolve(url);
    });
  });
}

async function answers(url: string): Promise<void> {
  const until = Date.now() + READY_WAIT_MS;
  for (;;) {
    const up = await fetch(url).catch(() => null);
    await up?.arrayBuffer();
    if (up) return;
    if (Date.now() > until) throw new Error(`moto_server does not answer at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
