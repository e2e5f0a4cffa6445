import type { ErrorCode } from '#domain/errors.ts';
import { CORRUPT, GOOD, KILLER, type MediaFile } from './media-files.ts';
import { type Random, seededRandom } from './random.ts';

/** What a run is asked to be. Everything that is planned follows from these three, and from nothing else. */
export interface ChaosSize {
  readonly seed: number;
  readonly jobs: number;
  readonly workers: number;
}

/** One upload, and what becomes of S3's event of it. */
export interface JobPlan {
  readonly index: number;
  readonly file: MediaFile;
  /** The code it has to fail with; null where it has to complete. */
  readonly failsWith: ErrorCode | null;
  /** When S3's event reaches the work queue, in ms after S3 sent it: none is a lost event, several are duplicates. */
  readonly deliveriesMs: readonly number[];
}

/** The services that a worker reaches through a proxy. */
export const SERVICES = ['s3', 'sqs', 'sns', 'dynamodb', 'redis'] as const;
export type Service = (typeof SERVICES)[number];

/** What can be wrong with a network. */
export const NETWORK_FAULTS = ['latency', 'black hole', 'reset', 'lost reply'] as const;
export type NetworkFault = (typeof NETWORK_FAULTS)[number];

/** What happens. A worker is known by its place, from 0 on; `network` is between one worker and one service. */
export type Fault =
  | { readonly kind: 'kill'; readonly worker: number; readonly restartMs: number }
  | { readonly kind: 'freeze'; readonly worker: number; readonly ms: number }
  | {
      readonly kind: 'network';
      readonly worker: number;
      readonly service: Service;
      readonly fault: NetworkFault;
      readonly ms: number;
    }
  | { readonly kind: 'redis flush' }
  | { readonly kind: 'redis kill'; readonly restartMs: number }
  | { readonly kind: 'redis freeze'; readonly ms: number };

/** A fault, and when: as soon as so many jobs are finished. */
export interface PlannedFault {
  readonly afterFinished: number;
  readonly fault: Fault;
}

/** All that a run does. */
export interface ChaosPlan extends ChaosSize {
  readonly uploads: readonly JobPlan[];
  /** In the order in which they happen. */
  readonly faults: readonly PlannedFault[];
}

/** The lease of every worker: the shortest there is, so that a run meets as many ends of leases as it can. */
export const LEASE_SECONDS = 3;

const JOBS_PER_KILLER = 1000;
/** So few jobs have no time for a killer file. */
const KILLER_FROM_JOBS = 100;
const JOBS_PER_FAULT = 8;
const FAULTS_MIN = 6;
/** The faults are over when this share of the jobs is finished, so that the end is about recovery. */
const FAULTS_UNTIL = 0.85;
const LEASE_MS = LEASE_SECONDS * 1000;

/** Plans a run. The same size gives the same plan, everywhere and always. */
export function planChaos(size: ChaosSize): ChaosPlan {
  const random = seededRandom(size.seed);
  return { ...size, uploads: planUploads(random, size), faults: planFaults(random, size) };
}

function planUploads(random: Random, { jobs }: ChaosSize): readonly JobPlan[] {
  const killers = new Set(killerPlaces(random, jobs));
  return Array.from({ length: jobs }, (_, index): JobPlan => {
    const deliveriesMs = planDeliveries(random);
    // A place for a killer also draws a file, so that all others stay what they are.
    const drawn = random.next() < 0.05 ? random.pick(CORRUPT) : random.pick(GOOD);
    const file = killers.has(index) ? KILLER : drawn;
    return { index, file, failsWith: file.failsWith ?? null, deliveriesMs };
  });
}

/** One place in each thousand, in its first half: five attempts take their time. */
function killerPlaces(random: Random, jobs: number): readonly number[] {
  if (jobs < KILLER_FROM_JOBS) return [];
  const count = Math.max(1, Math.floor(jobs / JOBS_PER_KILLER));
  const share = Math.floor(jobs / count);
  return Array.from(
    { length: count },
    (_, at) => at * share + random.between(0, Math.floor(share / 2)),
  );
}

function planDeliveries(random: Random): readonly number[] {
  const late = () => random.between(1000, 8000);
  return random.pick<() => readonly number[]>([
    [76, () => [0]],
    [6, () => []],
    [6, () => [late()]],
    [4, () => [0, 0]],
    [4, () => [0, late()]],
    [2, () => [0, 0, 0, late()]],
    [2, () => [late(), late()]],
  ])();
}

function planFaults(random: Random, { jobs, workers }: ChaosSize): readonly PlannedFault[] {
  const count = Math.max(FAULTS_MIN, Math.floor(jobs / JOBS_PER_FAULT));
  const last = Math.max(1, Math.floor(jobs * FAULTS_UNTIL));
  const planned = Array.from({ length: count }, (_, at): PlannedFault => {
    // One in each share of the run, so that no seed has them all at once.
    const afterFinished = Math.floor(((at + random.next()) * last) / count);
    return { afterFinished, fault: planFault(random, workers) };
  });
  return [...firsts(random, workers, count), ...planned]
    .slice(0, count)
    .map((fault, at) => ({ ...fault, afterFinished: planned[at]?.afterFinished ?? 0 }));
}

/** Every kind of fault comes once before any comes twice: a kill, then the others in an order that the seed shuffles. */
function firsts(random: Random, workers: number, count: number): readonly PlannedFault[] {
  const kinds = FAULT_KINDS.map(([, plan], at) => ({ plan, order: at === 0 ? 0 : random.next() }));
  return kinds
    .sort((one, other) => one.order - other.order)
    .slice(0, count)
    .map(({ plan }) => ({ afterFinished: 0, fault: plan(random, workers) }));
}

type FaultPlanner = (random: Random, workers: number) => Fault;

const anyWorker = (random: Random, workers: number) => random.between(0, workers - 1);

const FAULT_KINDS: readonly (readonly [weight: number, plan: FaultPlanner])[] = [
  [
    30,
    (random, workers) => ({
      kind: 'kill',
      worker: anyWorker(random, workers),
      restartMs: random.between(0, 2000),
    }),
  ],
  [
    10,
    (random, workers) => ({
      kind: 'freeze',
      worker: anyWorker(random, workers),
      ms: random.between(LEASE_MS * 1.2, LEASE_MS * 3),
    }),
  ],
  ...NETWORK_FAULTS.map(
    (fault) =>
      [
        10,
        (random: Random, workers: number) => ({
          kind: 'network',
          worker: anyWorker(random, workers),
          service: random.pick(SERVICES.map((service) => [1, service] as const)),
          fault,
          ms: random.between(300, LEASE_MS * 2),
        }),
      ] as const satisfies readonly [number, FaultPlanner],
  ),
  [6, () => ({ kind: 'redis flush' })],
  [6, (random) => ({ kind: 'redis kill', restartMs: random.between(0, 3000) })],
  [6, (random) => ({ kind: 'redis freeze', ms: random.between(500, LEASE_MS * 2) })],
];

function planFault(random: Random, workers: number): Fault {
  return random.pick(FAULT_KINDS)(random, workers);
}
