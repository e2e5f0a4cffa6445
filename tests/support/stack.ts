import { randomUUID } from 'node:crypto';
import { EMPTY } from 'rxjs';
import { vi } from 'vitest';
import { type AwsClients, awsClients } from '#adapters/aws/clients.ts';
import { type AwsNames, provision, subscriberQueue } from '#adapters/aws/provision.ts';
import { queueUrl } from '#adapters/aws/provision-queue.ts';
import { resolveNames } from '#adapters/aws/resolve-names.ts';
import type { AssetView } from '#api/asset-view.ts';
import { type Env, readEnv } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import type { Asset, AssetStatus } from '#domain/asset.ts';
import { sourceKey } from '#domain/keys.ts';
import type { UploadRequest } from '#domain/upload-request.ts';
import { wireMedia } from '#main/media.ts';
import { awsConfig, awsNames, openPorts, type Ports } from '#main/ports.ts';
import { runWorker } from '#main/run-worker.ts';
import { untilSetUp } from '#main/until-set-up.ts';
import { wireApi, wireWorker } from '#main/wire.ts';
import { wireSweeper } from '#main/wire-sweeper.ts';
import type { Metrics } from '#ports/metrics.ts';
import { type Cloud, cloud } from './cloud.ts';
import { EVENTUALLY, type QueueWatch, watchQueues } from './queue-watch.ts';
import { RecordedLog } from './recorded-log.ts';
import { stackVariables } from './stack-variables.ts';

/** On an emulator a poll costs nothing, and a short one lets a worker stop soon. */
const QUEUE_WAIT_SECONDS = 1;

/** The tenant of everybody where authentication is off. */
export const TENANT = 'default';

/** What init answered. */
export interface Initiated {
  readonly id: string;
  readonly status: string;
  readonly correlationId: string;
  readonly upload: {
    readonly kind: string;
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly expiresAt: string;
  };
}

type Media = ReturnType<typeof wireMedia>;

/** How one worker differs from the one that is deployed. */
export interface TestWorkerOptions {
  /** Endpoints it reaches in place of the cloud's: those of a proxy that fails. */
  readonly endpoints?: Partial<Cloud['endpoints']>;
  readonly redisUrl?: string;
  readonly concurrency?: number;
  readonly attemptsMax?: number;
  readonly drainMs?: number;
  /** How long a claim is good for without a sign of life; visibility and heartbeats follow. */
  readonly leaseSeconds?: number;
  /** Whether it sweeps too, as the one that is deployed does. */
  readonly sweeps?: boolean;
  /** Where its figures go; nowhere, unless told. */
  readonly metrics?: Metrics;
  /** Puts something between the worker and its ports. */
  readonly ports?: (ports: Ports) => Ports;
  readonly media?: (media: Media) => Media;
}

/** A worker at work. */
export interface TestWorker {
  readonly log: RecordedLog;
  /** Drains it and closes its ports; once. */
  stop(): Promise<void>;
}

/** What a stack is for. */
export interface TestStackOptions {
  /** Whether its workers make derivatives, as those that are deployed do: most of their time, for tests about other things. */
  readonly derives?: boolean;
}

/** The whole of StreamForge in this process, on resources of its own. */
export interface TestStack extends QueueWatch, Required<TestStackOptions> {
  readonly names: AwsNames;
  readonly clients: AwsClients;
  readonly queueUrl: string;
  /** Any request to the API. */
  request(path: string, init?: RequestInit): Promise<Response>;
  init(request: UploadRequest, headers?: Readonly<Record<string, string>>): Promise<Initiated>;
  /** Sends bytes as a client does, with exactly the headers that init named; answers with the HTTP status. */
  put(
    to: Initiated,
    bytes: Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): Promise<number>;
  /** Init and PUT, both of which have to succeed. */
  upload(
    fileName: string,
    contentType: string,
    bytes: Uint8Array,
    more?: Partial<UploadRequest>,
  ): Promise<Initiated>;
  /** The asset as the API shows it. */
  view(id: string): Promise<AssetView>;
  row(id: string): Promise<Asset>;
  /** The row, as soon as it has that status. */
  until(id: string, status: AssetStatus): Promise<Asset>;
  /** The row, as soon as it is finished and told of. Messages may still be in the queue: they are removed in batches. */
  untilDone(id: string, status: AssetStatus): Promise<Asset>;
  startWorker(options?: TestWorkerOptions): Promise<TestWorker>;
  /** Ends every worker that still works. */
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the resources, and opens the API on them. No worker works yet. */
export async function openStack({ derives = false }: TestStackOptions = {}): Promise<TestStack> {
  const env = stackEnv(derives);
  const aws = { ...awsConfig(env), credentials: { ...cloud().credentials } };
  const clients = awsClients(aws, 'worker');
  const names = awsNames(env);
  const { region } = cloud();
  await provision(clients, names, { ...LIMITS, region, corsOrigins: ['*'] });
  const resolved = await resolveNames(clients, names);
  const subscriberUrl = (await queueUrl(clients.sqs, subscriberQueue(names.topic))) ?? '';
  const queues = watchQueues(clients.sqs, { ...resolved, subscriberUrl });
  const ports = await openPorts(env, new RecordedLog(), {
    aws,
    profile: 'api',
    queueWaitSeconds: QUEUE_WAIT_SECONDS,
  });
  const client = apiClient(ports, env);
  const workers = workerStarter(env);
  return {
    ...queues,
    ...client,
    ...workers,
    derives,
    names,
    clients,
    queueUrl: resolved.queueUrl,
    close: async () => {
      await workers.stopWorkers();
      ports.close();
      clients.destroy();
    },
  };
}

/** What `.env` would say: names nobody else uses, at the cloud of this run. Nothing of the machine's environment. */
function stackEnv(derives: boolean): Env {
  const id = randomUUID().slice(0, 8);
  const names = {
    bucket: `media-${id}`,
    queue: `work-${id}`,
    deadLetterQueue: `work-${id}-dlq`,
    topic: `events-${id}`,
    table: `assets-${id}`,
  };
  return readEnv(stackVariables({ names, derives }));
}

/** What clients do, and what a look into the table tells. */
function apiClient(ports: Ports, env: Env) {
  const api = wireApi(ports, env);
  const request: TestStack['request'] = async (path, init) => api.request(path, init);
  const init: TestStack['init'] = async (body, headers = {}) => {
    const answer = await request('/api/videos/init', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.status !== 201) throw new Error(`init answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  };
  const put: TestStack['put'] = async ({ upload }, bytes, headers = upload.headers) => {
    const body = new Uint8Array(bytes);
    const answer = await fetch(upload.url, { method: upload.method, headers, body });
    await answer.arrayBuffer();
    return answer.status;
  };
  const row: TestStack['row'] = async (id) => {
    const found = await ports.assets.get({ tenant: TENANT, assetId: id });
    if (!found) throw new Error(`there is no row ${id}`);
    return found;
  };
  const when = (id: string, status: AssetStatus, isDone: (row: Asset) => boolean) =>
    vi.waitFor(async () => {
      const found = await row(id);
      if (found.status === status && isDone(found)) return found;
      throw new Error(`${id} is ${found.status}${found.event ? ', its event not yet out' : ''}`);
    }, EVENTUALLY);
  return {
    request,
    init,
    put,
    row,
    until: (id, status) => when(id, status, () => true),
    untilDone: (id, status) => when(id, status, ({ event }) => event === undefined),
    upload: async (fileName, contentType, bytes, more = {}) => {
      const initiated = await init({ fileName, contentType, size: bytes.length, ...more });
      const status = await put(initiated, bytes);
      if (status !== 200) throw new Error(`the PUT of ${fileName} answered ${status}`);
      return initiated;
    },
    view: async (id) => JSON.parse(await (await request(`/api/videos/${id}`)).text()),
  } satisfies Partial<TestStack>;
}

/** Workers, each with ports of its own, as processes have. */
function workerStarter(env: Env) {
  const running = new Set<TestWorker>();
  const startWorker: TestStack['startWorker'] = async (options = {}) => {
    const { drainMs = LIMITS.drainMs } = options;
    const own: Env = {
      ...env,
      WORKER_CONCURRENCY: options.concurrency ?? env.WORKER_CONCURRENCY,
      WORKER_ATTEMPTS_MAX: options.attemptsMax ?? env.WORKER_ATTEMPTS_MAX,
      WORKER_LEASE_SECONDS: options.leaseSeconds ?? env.WORKER_LEASE_SECONDS,
      REDIS_URL: options.redisUrl,
    };
    const log = new RecordedLog();
    const { endpoints, ...aws } = awsConfig(own);
    const opened = await openPorts(own, log, {
      aws: {
        ...aws,
        endpoints: { ...endpoints, ...options.endpoints },
        credentials: { ...cloud().credentials },
      },
      profile: 'worker',
      queueWaitSeconds: QUEUE_WAIT_SECONDS,
      ...(options.metrics && { measured: { metrics: options.metrics, close: () => {} } }),
    });
    // As every process does before it works.
    await untilSetUp(opened, new Promise<never>(() => {}));
    const ports = options.ports?.(opened) ?? opened;
    const wired = wireMedia(ports, own);
    const media = options.media?.(wired) ?? wired;
    const { drain } = runWorker(
      (signals) => wireWorker(ports, own, media, signals),
      drainMs,
      options.sweeps ? wireSweeper(ports, own) : EMPTY,
    );
    let stopping: Promise<void> | undefined;
    const worker: TestWorker = {
      log,
      stop: () => {
        stopping ??= drain().finally(() => {
          opened.close();
          running.delete(worker);
        });
        return stopping;
      },
    };
    running.add(worker);
    return worker;
  };
  const stopWorkers = async () => {
    await Promise.all([...running].map((worker) => worker.stop()));
  };
  return { startWorker, stopWorkers };
}

/** The key of an upload's source. */
export const keyOf = ({ id }: Pick<Initiated, 'id'>): string =>
  sourceKey({ tenant: TENANT, assetId: id });
