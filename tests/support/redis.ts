import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** A Redis to test against. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Null where the server is somebody else's: `REDIS_URL`. */
  readonly pid: number | null;
  /** Ends the server if it is ours, frozen or not, and removes what it left. */
  stop(): Promise<void>;
}

const { REDIS_URL: givenUrl = '', REQUIRE_REDIS } = process.env;
const isRequired = REQUIRE_REDIS === '1';
const isInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** Why there is no Redis to test against, or null; with REQUIRE_REDIS=1 always null, so that the tests fail instead. */
export const redisUnavailable: string | null =
  isInstalled || givenUrl !== '' || isRequired
    ? null
    : 'redis-server is not on the PATH and REDIS_URL is not set';

/** Why there is none that a test may freeze, fill or kill, or null. */
export const ownRedisUnavailable: string | null =
  isInstalled || isRequired ? null : 'redis-server is not on the PATH';

/** The name of a suite, with the reason where it is skipped. */
export function suiteName(name: string, unavailable: string | null): string {
  return unavailable === null ? name : `${name} (skipped: ${unavailable})`;
}

/**
 * A Redis for tests that write under names of their own, and expire what they write: `REDIS_URL` where it is set, else a
 * server of our own.
 */
export async function startRedis(): Promise<TestRedis> {
  if (givenUrl === '') return startOwnRedis();
  const port = Number(new URL(givenUrl).port || 6379);
  return { url: givenUrl, port, pid: null, stop: async () => {} };
}

/** A server of our own, that a test may do anything to: on a free port or the given one, nothing persisted. */
export async function startOwnRedis(port?: number): Promise<TestRedis & { readonly pid: number }> {
  if (!isInstalled) throw new Error('redis-server is not on the PATH');
  const dir = await mkdtemp(join(tmpdir(), 'streamforge-redis-'));
  try {
    // A port that was free may be taken by the time the server is up: then it exits, and another is tried.
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const at = port ?? (await freePort());
      const server = await launch(at, dir);
      if (server?.pid !== undefined) return ours(server, server.pid, at, dir);
    }
    throw new Error('redis-server exits as soon as it is started');
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

function ours(
  server: ChildProcess,
  pid: number,
  port: number,
  dir: string,
): TestRedis & { readonly pid: number } {
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid,
    stop: async () => {
      process.off('exit', kill);
      const isRunning = server.exitCode === null && server.signalCode === null;
      if (isRunning && kill()) await once(server, 'exit');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The server once it accepts connections, or null where it exits before. */
async function launch(port: number, dir: string): Promise<ChildProcess | null> {
  const settings = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1', '--dir', dir];
  const server = spawn('redis-server', ['--port', String(port), ...settings], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => resolve(null));
    server.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('Ready to accept connections')) resolve(server);
    });
  });
}
