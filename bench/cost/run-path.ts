import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { awsClients } from '#adapters/aws/clients.ts';
import { provision } from '#adapters/aws/provision.ts';
import { readEnv } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { awsConfig, awsNames, openPorts } from '#main/ports.ts';
import { startWorker } from '#main/start-worker.ts';
import { wireApi } from '#main/wire.ts';
import { plainLog } from '#telemetry/plain-log.ts';
import { Process } from '../../tests/support/processes.ts';
import type { CountedCalls } from './counted-calls.ts';

/** Small files, one of each kind of reading. */
const SAMPLES = [
  { name: 'clip.mp4', contentType: 'video/mp4' },
  { name: 'clip.webm', contentType: 'video/webm' },
  { name: 'tone.mp3', contentType: 'audio/mpeg' },
  { name: 'portrait.jpg', contentType: 'image/jpeg' },
];
/** Fewer than a machine that is busy takes for an outage of its emulator. */
const SLOTS = 32;
const UPLOADS_AT_ONCE = 8;
/** An asset that takes longer on the average has been lost. */
const ASSET_MS_MAX = 1000;

type Variables = Readonly<Record<string, string>>;

/** What a run runs on. */
export interface PathOptions {
  /** The variables that point at the cloud. */
  readonly cloudEnv: Variables;
  /** Absent: locks and cache in the process, which cost nothing. */
  readonly redisUrl: string | undefined;
  readonly assets: number;
  /** What is made of each, as `DERIVATIVES` has it. */
  readonly derivatives: string;
  /** Hears how far it is. */
  readonly progress: (text: string) => void;
}

/** The embedded cloud in a process of its own, so that it waits for nobody; `env` points at it. */
export async function startCloud(
  dataDir: string,
): Promise<{ readonly env: Variables; stop(): Promise<unknown> }> {
  const entry = fileURLToPath(new URL('../../src/main/cloud.ts', import.meta.url));
  const ports = ['s3', 'messaging', 'dynamodb'].flatMap((service) => [`--${service}-port`, '0']);
  const cloud = new Process(
    process.execPath,
    [entry, '--json', '--data-dir', dataDir, ...ports],
    {},
  );
  await cloud.untilSaid('}\n');
  const { env } = JSON.parse(cloud.stdout) as { readonly env: Variables };
  return {
    env,
    stop: () => {
      cloud.signal('SIGKILL');
      return cloud.exitCode();
    },
  };
}

/**
 * Takes so many files the whole way: init through the API, a PUT as the client's, then the worker on the full queue, until
 * each event is out and each message deleted. Everything is counted from the first init on.
 *
 * @returns How many were finished.
 */
export async function runPath(counted: CountedCalls, options: PathOptions): Promise<number> {
  const { cloudEnv, redisUrl, assets, derivatives, progress } = options;
  const env = readEnv({
    ...cloudEnv,
    WORKER_CONCURRENCY: String(SLOTS),
    REDIS_URL: redisUrl,
    DERIVATIVES: derivatives,
  });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } =
    cloudEnv;
  const aws = { ...awsConfig(env), credentials: { accessKeyId, secretAccessKey } };
  const setUp = awsClients(aws, 'worker');
  const more = { region: env.AWS_REGION, corsOrigins: env.CORS_ORIGINS };
  await provision(setUp, awsNames(env), { ...more, ...LIMITS });
  let ended = false;
  const log = plainLog(
    'warn',
    // What it misses once the cloud is stopped is no news.
    (line) => ended || progress(line.trimEnd()),
    () => new Date().toTimeString().slice(0, 8),
  );
  const { queueWaitSeconds } = LIMITS;
  const ports = await openPorts(env, log, { aws, profile: 'worker', queueWaitSeconds });
  await ports.lookUp();
  counted.begin();
  const api = wireApi(ports, env);
  await uploadAll((path, init) => api.request(path, init), assets);
  progress(`${assets} files are up`);
  startWorker(ports, env);
  const cleared = (): number => counted.steps.get('clearOutbox')?.writes ?? 0;
  const deadline = performance.now() + 30_000 + assets * ASSET_MS_MAX;
  while (cleared() < assets || counted.removed < assets) {
    if (performance.now() > deadline) break;
    await sleep(100);
  }
  ended = true;
  return Math.min(cleared(), counted.removed);
}

type Request = (path: string, init: RequestInit) => Response | Promise<Response>;

async function uploadAll(request: Request, assets: number): Promise<void> {
  const files = await Promise.all(
    SAMPLES.map(async (sample) => ({
      ...sample,
      bytes: await readFile(new URL(`../../samples/${sample.name}`, import.meta.url)),
    })),
  );
  let next = 0;
  const uploadSome = async (): Promise<void> => {
    for (let n = next++; n < assets; n = next++) {
      const file = files[n % files.length];
      if (file) await upload(request, file);
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, uploadSome));
}

async function upload(
  request: Request,
  {
    name,
    contentType,
    bytes,
  }: (typeof SAMPLES)[number] & { readonly bytes: Uint8Array<ArrayBuffer> },
): Promise<void> {
  const answer = await request('/api/videos/init', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fileName: name, contentType, size: bytes.length }),
  });
  if (!answer.ok) throw new Error(`init answered ${answer.status}: ${await answer.text()}`);
  const { upload: to } = (await answer.json()) as {
    readonly upload: {
      readonly method: string;
      readonly url: string;
      readonly headers: Record<string, string>;
    };
  };
  const put = await fetch(to.url, { method: to.method, headers: to.headers, body: bytes });
  if (!put.ok) throw new Error(`PUT answered ${put.status}: ${await put.text()}`);
}
