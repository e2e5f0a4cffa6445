import { Redis } from 'ioredis';
import { type onTestFinished, vi } from 'vitest';
import { readEnv } from '#config/env.ts';
import { awsConfig, openPorts, type Ports } from '#main/ports.ts';
import { wireApi } from '#main/wire.ts';
import { cloud } from '../../support/cloud.ts';
import { EVENTUALLY } from '../../support/queue-watch.ts';
import { RecordedLog } from '../../support/recorded-log.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';
import { startOwnRedis, type TestRedis } from '../../support/redis.ts';
import type { TestWorker, TestWorkerOptions } from '../../support/stack.ts';
import { stackVariables } from '../../support/stack-variables.ts';
import { type FaultWorld, faultWorld } from './fault-world.ts';

/** A Redis that a test may do anything to. */
export interface VictimRedis {
  readonly url: string;
  readonly port: number;
  /** The test's own way in; usable while the server is. */
  readonly admin: Redis;
  kill(): Promise<void>;
  /** Another one in its place, which knows nothing. */
  replace(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** Names of the locks that are held, by anybody. */
  locks(): Promise<readonly string[]>;
}

/** A stack whose workers and API share a Redis that misbehaves. */
export interface RedisWorld extends FaultWorld {
  readonly redis: VictimRedis;
  /** One for every process. */
  readonly metrics: readonly RecordedMetrics[];
  /** The sum of a count over all of them. */
  count(name: string): number;
  /** A worker, once it has found Redis. */
  startWorker(options?: TestWorkerOptions): Promise<TestWorker>;
  /** The answer to a GET of the asset, by an API over the same Redis. */
  get(id: string): Promise<{ readonly http: number; readonly status: string }>;
}

/** @param between Puts something between the API and its ports. */
export async function redisWorld(
  test: { readonly onTestFinished: typeof onTestFinished },
  between: (ports: Ports) => Ports = (ports) => ports,
): Promise<RedisWorld> {
  const world = await faultWorld(test);
  const redis = await victim(test);
  const { url: redisUrl } = redis;
  const metrics: RecordedMetrics[] = [];
  const measured = () => {
    const own = new RecordedMetrics();
    metrics.push(own);
    return own;
  };
  const env = readEnv({ ...stackVariables(world.stack), REDIS_URL: redisUrl });
  const ports = await openPorts(env, new RecordedLog(), {
    aws: { ...awsConfig(env), credentials: { ...cloud().credentials } },
    profile: 'api',
    queueWaitSeconds: 1,
    measured: { metrics: measured(), close: () => {} },
  });
  test.onTestFinished(() => ports.close());
  const api = wireApi(between(ports), env);
  return {
    ...world,
    redis,
    metrics,
    count: (name) => metrics.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0),
    startWorker: async (options) => {
      const worker = await world.stack.startWorker({ redisUrl, metrics: measured(), ...options });
      await vi.waitUntil(() => worker.log.messages.includes('Redis is ready'), EVENTUALLY);
      return worker;
    },
    get: async (id) => {
      const answer = await api.request(`/api/videos/${id}`);
      const { status } = (await answer.json()) as { readonly status: string };
      return { http: answer.status, status };
    },
  };
}

async function victim(test: {
  readonly onTestFinished: typeof onTestFinished;
}): Promise<VictimRedis> {
  let server: TestRedis & { readonly pid: number } = await startOwnRedis();
  const { url, port } = server;
  const admin = new Redis(url);
  // While the server is away, the test knows.
  admin.on('error', () => {});
  test.onTestFinished(async () => {
    admin.disconnect();
    await server.stop();
  });
  return {
    url,
    port,
    admin,
    kill: () => server.stop(),
    replace: async () => {
      await server.stop();
      server = await startOwnRedis(port);
    },
    signal: (name) => {
      process.kill(server.pid, name);
    },
    locks: () => admin.keys('sf:lock:*'),
  };
}
