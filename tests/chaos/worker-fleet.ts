import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupedProcess, ProcessGroups } from '../support/process-groups.ts';
import { type TcpFault, type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts';
import type { ClaimEvidence, KillEvidence } from './evidence.ts';
import { CRASH_AT } from './media-files.ts';
import { LEASE_SECONDS, type NetworkFault, SERVICES, type Service } from './plan.ts';

/** What the workers reach, each through proxies of its own. */
export interface FleetOptions {
  readonly workers: number;
  /** Those of the cloud. */
  readonly variables: Readonly<Record<string, string>>;
  readonly redisPort: number;
  /** For everything temporary. */
  readonly tempDir: string;
}

/** Latency is each way. Of the replies some get through, so that they are lost at every stage of a job. */
const DETAILS: Readonly<Record<NetworkFault, TcpFault>> = {
  latency: { kind: 'latency', ms: 250 },
  'black hole': { kind: 'black hole' },
  reset: { kind: 'reset' },
  'lost reply': { kind: 'lost reply', every: 3 },
};

/** Of one that ended by itself: an orchestrator does not start it at once either. */
const RESTART_MS = 500;
/** More than the grace that a worker drains within. */
const DRAIN_MS_MAX = 40_000;

type Doors = Readonly<Record<Service, TcpProxy>>;

/** A worker's place: its doors stay, its process comes and goes. */
interface Place {
  readonly name: string;
  readonly doors: Doors;
  lives: number;
  running: GroupedProcess | null;
  restartMs: number;
}

/** The workers, as `npm run worker` starts them, and what became of them. A worker that ends is started again. */
export class WorkerFleet {
  readonly claims: ClaimEvidence[] = [];
  readonly kills: KillEvidence[] = [];
  /** Workers that ended without a signal: at their start, where a service was out of reach. */
  exits = 0;
  readonly #groups: ProcessGroups;
  readonly #options: FleetOptions;
  readonly #places: Place[] = [];
  #draining = false;

  private constructor(groups: ProcessGroups, options: FleetOptions) {
    this.#groups = groups;
    this.#options = options;
  }

  static async start(groups: ProcessGroups, options: FleetOptions): Promise<WorkerFleet> {
    const fleet = new WorkerFleet(groups, options);
    for (let at = 1; at <= options.workers; at += 1) {
      const doors = await openDoors(options);
      const place = { name: `worker-${at}`, doors, lives: 0, running: null, restartMs: RESTART_MS };
      fleet.#places.push(place);
    }
    await Promise.all(fleet.#places.map((place) => fleet.#launch(place)));
    return fleet;
  }

  kill(worker: number, restartMs: number): void {
    const place = this.#place(worker);
    place.restartMs = restartMs;
    place.running?.signal('SIGKILL');
  }

  async freeze(worker: number, ms: number): Promise<void> {
    const { running } = this.#place(worker);
    running?.signal('SIGSTOP');
    await sleep(ms);
    running?.signal('SIGCONT');
  }

  async breakDown(
    { worker, service, fault }: { worker: number; service: Service; fault: NetworkFault },
    ms: number,
  ): Promise<void> {
    const door = this.#place(worker).doors[service];
    door.breakDown(DETAILS[fault]);
    await sleep(ms);
    door.recover();
  }

  /** Ends every worker as an orchestrator does. Answers with the names of those that did not end well. */
  async drain(): Promise<readonly string[]> {
    this.#draining = true;
    const ended = this.#places.map(async ({ name, running, doors }) => {
      running?.signal('SIGTERM');
      const timer = setTimeout(() => running?.signal('SIGKILL'), DRAIN_MS_MAX);
      const exit = await running?.exit;
      clearTimeout(timer);
      for (const door of Object.values(doors)) await door.close();
      return exit === undefined || exit.code === 0
        ? []
        : [`${name} ended with ${exit.code ?? exit.signal}`];
    });
    return (await Promise.all(ended)).flat();
  }

  #place(worker: number): Place {
    const place = this.#places[worker];
    if (!place) throw new RangeError(`there is no worker ${worker}`);
    return place;
  }

  async #launch(place: Place): Promise<void> {
    place.lives += 1;
    const life = `${place.name}.${place.lives}`;
    const running = await this.#groups.start({
      name: place.name,
      command: process.execPath,
      args: ['src/main/worker.ts'],
      env: this.#variables(place.doors),
      onLine: (line) => this.#read(life, line),
    });
    place.running = running;
    void running.exit.then(async ({ signal }) => {
      place.running = null;
      if (this.#draining) return;
      if (signal === 'SIGKILL') this.kills.push({ worker: life, at: Date.now() });
      else this.exits += 1;
      const { restartMs } = place;
      place.restartMs = RESTART_MS;
      await sleep(restartMs);
      // Where the run is being broken off, there is nothing to start any more.
      if (!this.#draining) await this.#launch(place).catch(() => {});
    });
  }

  #variables(doors: Doors): Readonly<Record<string, string>> {
    const { variables, tempDir } = this.#options;
    const url = (service: Service) => `http://127.0.0.1:${doors[service].port}`;
    return {
      ...variables,
      AWS_ENDPOINT_URL_S3: url('s3'),
      AWS_ENDPOINT_URL_SQS: url('sqs'),
      AWS_ENDPOINT_URL_SNS: url('sns'),
      AWS_ENDPOINT_URL_DYNAMODB: url('dynamodb'),
      REDIS_URL: `redis://127.0.0.1:${doors.redis.port}`,
      WORKER_LEASE_SECONDS: String(LEASE_SECONDS),
      CRASH_AT,
      LOG_LEVEL: 'debug',
      TMPDIR: tempDir,
      // Workers start often, on few cores.
      NODE_COMPILE_CACHE: join(this.#groups.directory, 'compiled'),
    };
  }

  #read(worker: string, line: string): void {
    if (!line.includes('"asset claimed"')) return;
    const { assetId, time } = JSON.parse(line) as { assetId: string; time: string };
    this.claims.push({ worker, assetId, at: Date.parse(time) });
  }
}

async function openDoors({ variables, redisPort }: FleetOptions): Promise<Doors> {
  const portOf = (service: Service): number => {
    if (service === 'redis') return redisPort;
    return Number(new URL(variables[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? '').port);
  };
  const doors = SERVICES.map(
    async (service) =>
      [service, await tcpProxy({ host: '127.0.0.1', port: portOf(service) })] as const,
  );
  return Object.fromEntries(await Promise.all(doors)) as Doors;
}
