import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoAssetStore } from '#adapters/aws/dynamo-asset-store.ts';
import type { AssetEvent } from '#domain/events.ts';
import type { ProcessGroups } from '../support/process-groups.ts';
import { type Checked, check } from './checker.ts';
import { type ChaosCloud, type CloudName, startCloud } from './cloud-process.ts';
import type { AcceptedJob, EventEvidence } from './evidence.ts';
import { type Injector, injector } from './inject.ts';
import { derivedKeys, filesIn, leakedLocks, messagesIn, readRows, unfinishedRows } from './look.ts';
import { type ChaosPlan, type JobPlan, LEASE_SECONDS } from './plan.ts';
import { readQueue } from './queue-reader.ts';
import { RedisServer } from './redis-server.ts';
import { relay } from './relay.ts';
import { uploadAll } from './uploads.ts';
import { WorkerFleet } from './worker-fleet.ts';

/** How a run goes, for whoever watches. */
export interface ChaosProgress {
  readonly phase: 'starting' | 'running' | 'finishing' | 'checking';
  readonly accepted: number;
  readonly finished: number;
  readonly kills: number;
  readonly faultsActive: number;
  readonly faultsLeft: number;
}

/** What a run needs besides its plan. */
export interface ChaosOptions {
  readonly cloud: CloudName;
  readonly groups: ProcessGroups;
  /** Aborted when the run has to end, checked or not: Ctrl-C. */
  readonly signal: AbortSignal;
  /** A run that takes longer ends, and what is not done by then is stuck. */
  readonly timeoutMs: number;
  readonly onProgress: (progress: ChaosProgress) => void;
}

/** What came of a run. */
export interface ChaosResult extends Checked {
  /** Workers that ended by themselves, and were started again. */
  readonly exits: number;
  readonly seconds: number;
}

/** The tenant of everybody where authentication is off. */
const TENANT = 'default';
/** So that the faults find work in hand all along, and don't all meet at once. */
const UPLOADS_PER_SECOND_AND_WORKER = 2;
/** Uploads that are not finished: what a slow run does not pile up. */
const OUTSTANDING_PER_WORKER = 40;
/** A run in which nothing changes for so long is stuck. The longest wait it has reason for is that of an event. */
const STANDSTILL_MS = 180_000;
const LOOK_EVERY_MS = 500;

/** Everything of a run, by asset. */
class Books {
  readonly jobs = new Map<string, JobPlan>();
  readonly accepted: AcceptedJob[] = [];
  readonly events: EventEvidence[] = [];
  readonly #finished = new Set<string>();

  get finished(): number {
    return this.#finished.size;
  }

  accept(assetId: string, { file, failsWith }: JobPlan): void {
    this.accepted.push({ assetId, fileName: file.fileName, failsWith });
  }

  hear({ assetId, generation, eventId, status }: AssetEvent): void {
    this.events.push({ assetId, generation, eventId, status });
    this.#finished.add(assetId);
  }
}

/** Starts everything, lets the plan happen, waits for the end, and judges what is left. */
export async function runChaos(plan: ChaosPlan, options: ChaosOptions): Promise<ChaosResult> {
  const startedAt = performance.now();
  const { groups } = options;
  const tempDir = join(groups.directory, 'tmp');
  await mkdir(tempDir);
  const [cloud, redis] = await Promise.all([
    startCloud(options.cloud, groups),
    RedisServer.start(groups),
  ]);
  const { variables } = cloud;
  const api = await startApi(groups, { ...variables, TMPDIR: tempDir });
  const fleet = await WorkerFleet.start(groups, {
    workers: plan.workers,
    variables,
    redisPort: redis.port,
    tempDir,
  });
  const books = new Books();
  const faults = injector(plan.faults, { fleet, redis });
  const stop = await goOn(plan, options, { api, books, cloud, faults, fleet });
  report(options, 'checking', { books, faults, fleet });
  const unwell = await fleet.drain();
  const assets = new DynamoAssetStore(cloud.clients.dynamodb, cloud.table);
  const evidence = {
    accepted: books.accepted,
    rows: await readRows(
      assets,
      TENANT,
      books.accepted.map(({ assetId }) => assetId),
    ),
    claims: fleet.claims,
    kills: fleet.kills,
    queued: await messagesIn(cloud.clients.sqs, cloud.urls.work),
    deadLetters: await messagesIn(cloud.clients.sqs, cloud.urls.deadLetters),
    locks: await leakedLocks(redis, LEASE_SECONDS * 1000),
    derived: await derivedKeys(cloud.clients.s3, cloud.bucket),
    files: await filesIn(tempDir),
  };
  await stop();
  cloud.clients.destroy();
  const whole = { ...evidence, events: books.events };
  await writeFile(join(groups.directory, 'evidence.json'), JSON.stringify(whole, null, 1));
  const { verdict, violations } = check(whole);
  const missing = plan.jobs - books.accepted.length;
  return {
    verdict,
    violations: [
      ...violations,
      ...unwell.map((text) => `unwell: ${text}`),
      ...(missing > 0 ? [`not run: ${missing} uploads were not made in time`] : []),
    ],
    exits: fleet.exits,
    seconds: Math.round((performance.now() - startedAt) / 1000),
  };
}

interface Running {
  readonly api: string;
  readonly books: Books;
  readonly cloud: ChaosCloud;
  readonly faults: Injector;
  readonly fleet: WorkerFleet;
}

/** Uploads, and waits until there is nothing left to wait for. Answers with what ends the readers. */
async function goOn(
  plan: ChaosPlan,
  options: ChaosOptions,
  running: Running,
): Promise<() => Promise<void>> {
  const { api, books, cloud, faults } = running;
  const { sqs } = cloud.clients;
  const relaying = relay(sqs, cloud.urls, (id) => books.jobs.get(id)?.deliveriesMs ?? []);
  const subscriber = readQueue(sqs, cloud.urls.subscriber, ({ Body = '' }) => {
    books.hear(JSON.parse((JSON.parse(Body) as { Message: string }).Message) as AssetEvent);
    faults.advance(books.finished);
  });
  faults.advance(0);
  const ended = new AbortController();
  let uploading = true;
  const uploads = uploadAll(plan.uploads, {
    api,
    perSecond: plan.workers * UPLOADS_PER_SECOND_AND_WORKER,
    signal: AbortSignal.any([ended.signal, options.signal]),
    hasRoom: () => books.accepted.length - books.finished < plan.workers * OUTSTANDING_PER_WORKER,
    onInit: (id, job) => books.jobs.set(id, job),
    onAccepted: (id, job) => books.accept(id, job),
  }).finally(() => {
    uploading = false;
  });
  const isBusy = () => uploading || relaying.waiting > 0 || faults.active > 0 || faults.left > 0;
  await Promise.race([
    untilOver(options, running, isBusy),
    uploads.then(() => new Promise(() => {})),
  ]);
  ended.abort();
  await uploads;
  return async () => {
    await Promise.all([relaying.stop(), subscriber.stop()]);
  };
}

/** Resolves when all is done, or when nothing has changed for too long, or when the time is up. */
async function untilOver(
  options: ChaosOptions,
  running: Running,
  isBusy: () => boolean,
): Promise<void> {
  const { books, cloud } = running;
  const assets = new DynamoAssetStore(cloud.clients.dynamodb, cloud.table);
  const deadline = performance.now() + options.timeoutMs;
  let seen = '';
  let changedAt = performance.now();
  while (performance.now() < deadline && performance.now() - changedAt < STANDSTILL_MS) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: options.signal });
    report(options, isBusy() ? 'running' : 'finishing', running);
    const left = isBusy() ? 1 : await leftIn(cloud, assets);
    if (left === 0 && books.finished >= books.accepted.length) return;
    const now = `${books.accepted.length} ${books.finished} ${left}`;
    if (now !== seen) changedAt = performance.now();
    seen = now;
  }
}

async function leftIn({ clients, urls }: ChaosCloud, assets: DynamoAssetStore): Promise<number> {
  const counts = [messagesIn(clients.sqs, urls.work), unfinishedRows(assets)];
  return (await Promise.all(counts)).reduce((sum, count) => sum + count);
}

function report(
  { onProgress }: ChaosOptions,
  phase: ChaosProgress['phase'],
  { books, faults, fleet }: Pick<Running, 'books' | 'faults' | 'fleet'>,
): void {
  onProgress({
    phase,
    accepted: books.accepted.length,
    finished: books.finished,
    kills: fleet.kills.length,
    faultsActive: faults.active,
    faultsLeft: faults.left,
  });
}

async function startApi(
  groups: ProcessGroups,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const api = await groups.start({
    name: 'api',
    command: process.execPath,
    args: ['tests/chaos/api-process.ts'],
    env,
  });
  const [, url = ''] = await api.until(/^listening at (\S+)$/m);
  return url;
}
