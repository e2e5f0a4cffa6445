// How processes end: told twice, by a bug, and while what they talk to hangs. Real processes, real signals.
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { LIMITS } from '#config/limits.ts';
import { cloud } from '../support/cloud.ts';
import { mediaBytes } from '../support/file-source.ts';
import { type GatedProxy, gatedProxy } from '../support/gated-proxy.ts';
import { type Process, Processes } from '../support/processes.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { ownRedisUnavailable, startOwnRedis } from '../support/redis.ts';
import { openStack, type TestStack } from '../support/stack.ts';
import { stackVariables } from '../support/stack-variables.ts';

const processes = new Processes();
let stack: TestStack;
// One for each test: a poll that a process left open may still be brought a message.
beforeEach(async () => {
  stack = await openStack();
});
afterEach(async () => {
  await processes.end();
  await stack.close();
});

const photo = mediaBytes('portrait.jpg');

async function proxyOf(service: 's3' | 'dynamodb'): Promise<GatedProxy> {
  const proxy = await gatedProxy(cloud().endpoints[service]);
  onTestFinished(proxy.close);
  return proxy;
}

interface Busy {
  readonly worker: Process;
  readonly id: string;
}

/** A worker process with one job that reads a body which does not come. */
async function busyWorker(
  env: Readonly<Record<string, string>> = {},
  nodeArgs: readonly string[] = [],
): Promise<Busy> {
  const s3 = await proxyOf('s3');
  s3.holdBodies(({ method }) => method === 'GET');
  const worker = processes.run(process.execPath, [...nodeArgs, 'src/main/worker.ts'], {
    ...stackVariables(stack),
    AWS_ENDPOINT_URL_S3: s3.url,
    ...env,
  });
  await worker.untilSaid('worker is polling');
  const { id } = await stack.upload('portrait.jpg', 'image/jpeg', photo);
  await stack.until(id, 'PROCESSING');
  return { worker, id };
}

/** The attempt is given back, and whoever comes next finds the message at once. */
async function expectGivenBack({ id }: Pick<Busy, 'id'>): Promise<void> {
  const row = await stack.row(id);
  expect(row).toMatchObject({ status: 'PROCESSING', leaseUntil: 0, attempts: 0 });
  expect(row.history.at(-1)).toMatchObject({ step: 'release', code: 'ABORTED' });
  const messages = await vi.waitFor(async () => {
    const taken = await stack.takeMessages();
    if (taken.length === 0) throw new Error('nothing is visible');
    return taken;
  }, EVENTUALLY);
  expect(messages.map(({ body }) => body).join()).toContain(id);
}

/** Rejects, some time after the process has begun to work, as a bug does. */
const BUG = `data:text/javascript,process.on('SIGUSR2',()=>{Promise.reject(new Error('a bug of ours'))})`;
const THROW = `data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('a bug of ours')})`;

const lineOf = ({ stderr }: Process, message: string) =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .find(({ msg }) => msg === message);

describe('a worker', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('gives back what runs at the second %s', async (name) => {
    const { worker, id } = await busyWorker();
    worker.signal('SIGTERM');
    await worker.untilSaid('"msg":"draining"');
    worker.signal(name);
    expect(await worker.exitCode()).toBe(1);
    await expectGivenBack({ id });
  });

  it.each([
    ['unhandled rejection', BUG],
    ['uncaught exception', THROW],
  ])('logs an %s, gives back what runs, and ends', async (message, preload) => {
    const { worker, id } = await busyWorker({}, ['--import', preload]);
    worker.signal('SIGUSR2');
    expect(await worker.exitCode()).toBe(1);
    expect(lineOf(worker, message)).toMatchObject({
      level: 'error',
      error: 'a bug of ours',
      stack: expect.stringContaining('Error: a bug of ours\n'),
    });
    await expectGivenBack({ id });
  });

  it('ends at the second signal, whatever it could not give back, while the database hangs', async () => {
    const dynamodb = await proxyOf('dynamodb');
    const { worker } = await busyWorker({ AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url });
    dynamodb.holdRequests(() => true);
    worker.signal('SIGTERM');
    await worker.untilSaid('"msg":"draining"');
    worker.signal('SIGTERM');
    expect(await worker.exitCode()).toBe(1);
    await stack.takeMessages();
  });

  it.skipIf(ownRedisUnavailable !== null)(
    `ends while Redis is frozen${ownRedisUnavailable ? ` (skipped: ${ownRedisUnavailable})` : ''}`,
    async () => {
      const redis = await startOwnRedis();
      onTestFinished(redis.stop);
      const { worker, id } = await busyWorker({ REDIS_URL: redis.url });
      process.kill(redis.pid, 'SIGSTOP');
      worker.signal('SIGTERM');
      await worker.untilSaid('"msg":"draining"');
      worker.signal('SIGTERM');
      expect(await worker.exitCode()).toBe(1);
      await expectGivenBack({ id });

      const idle = processes.main('worker', [], { ...stackVariables(stack), REDIS_URL: redis.url });
      await idle.untilSaid('worker is polling');
      idle.signal('SIGTERM');
      expect(await idle.exitCode()).toBe(0);
    },
  );
});

describe('the API', () => {
  const startApi = async (nodeArgs: readonly string[], dynamodb: string) => {
    const api = processes.run(process.execPath, [...nodeArgs, 'src/main/api.ts'], {
      ...stackVariables(stack),
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    });
    await api.untilSaid('api is listening');
    const url = /"url":"(http:[^"]+)","msg":"api is listening"/.exec(api.stderr)?.[1] ?? '';
    return { api, url };
  };

  it('ends at the second signal though a request hangs', async () => {
    const dynamodb = await proxyOf('dynamodb');
    dynamodb.holdRequests(() => true);
    const { api, url } = await startApi([], dynamodb.url);
    const asked = fetch(`${url}/api/videos/0198c0de-0000-7000-8000-000000000000`).catch(() => null);
    await vi.waitFor(() => expect(dynamodb.waiting).toBeGreaterThan(0), EVENTUALLY);
    api.signal('SIGTERM');
    api.signal('SIGINT');
    expect(await api.exitCode()).toBe(1);
    expect(await asked).toBeNull();
  });

  it('logs an unhandled rejection and ends', async () => {
    const { api } = await startApi(['--import', BUG], cloud().endpoints.dynamodb);
    api.signal('SIGUSR2');
    expect(await api.exitCode()).toBe(1);
    expect(lineOf(api, 'unhandled rejection')).toMatchObject({ error: 'a bug of ours' });
  });
});

describe('the bounds', () => {
  it('leave the platform its grace of 30 s', () => {
    expect(LIMITS.drainMs + LIMITS.abandonMs).toBeLessThan(30_000);
  });
});
