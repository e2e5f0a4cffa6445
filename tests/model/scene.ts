import { applyChange } from '#domain/apply-change.ts';
import type { Asset } from '#domain/asset.ts';
import { changeOf, keyOf, MY_CLAIM, type Write } from './changes.ts';
import { faultOf } from './judge.ts';
import { mutated } from './mutation.ts';
import { generationOfEvent, PAST, Rows, statusOfEvent, TOKEN, TOKEN_OLD } from './rows.ts';
import type { Scenario } from './scenario.ts';
import { type Struct, sortBlocks, structOf } from './struct.ts';

/** An upload on its way: not begun, in flight, broken off or refused, stored; stored after the last URL had expired. */
export const [UNSENT, FLYING, LOST, STORED, STORED_LATE] = [0, 1, 2, 3, 4] as const;

/** Kinds of message: S3's event of either upload, which both mean generation 1; then our commands, by generation. */
export const S3_EVENTS = 2;
export const commandOf = (generation: number): number => S3_EVENTS + generation;
export const generationOf = (kind: number): number => (kind <= S3_EVENTS ? 1 : kind - S3_EVENTS);
export const nameOf = (kind: number): string =>
  kind <= S3_EVENTS ? `S3 event ${kind}` : `command of generation ${generationOf(kind)}`;

const WORLD = [
  'rowLow',
  'rowHigh',
  // A presigned URL is good, or was until just now: its grace counts.
  'urlOpen',
  // The source in the bucket: none, or the upload that made it.
  'object',
  'put1',
  'put2',
  // Derivatives under the row's token; under older ones.
  'derivedNow',
  'derivedOld',
  // A request of the API that reads first and writes later.
  'call',
  'callGeneration',
  'callStatus',
  // What an observer remembers, to judge by.
  'firstUpload',
  'buried',
  'published',
  'outcome1',
  'outcome2',
  'outcome3',
] as const;
const WORKER = [
  'step',
  'kind',
  'token',
  // Whether the row's claim id is the one of this worker's latest claim.
  'mine',
  'upload',
  'ending',
  'generation',
  'event',
  'takeOver',
] as const;
const SWEEPER = ['step', 'generation', 'event', 'fresh', 'expired', 'mayExpire'] as const;

export type World = Struct<(typeof WORLD)[number]>;
export type Worker = Struct<(typeof WORKER)[number]>;
export type Sweeper = Struct<(typeof SWEEPER)[number]>;

const [worldOf, workerOf, sweeperOf] = [structOf(WORLD), structOf(WORKER), structOf(SWEEPER)];

/** Told of each step: whose, which, whether it must happen in the end, and what it breaks. */
export type Visit = (who: string, what: string, fair: boolean, broken: string) => void;

/** What a conditional write makes of a row: nothing where it is refused. */
interface Transition {
  readonly next: Asset;
  readonly number: number;
  readonly raised: boolean;
  readonly moved: boolean;
  readonly claim: 'mine' | 'nobody' | 'as it was';
}

/** One state, in bytes, and everything that can be done to it. The explorer puts states in, steps are taken, states come out. */
export class Scene {
  readonly scenario: Scenario;
  readonly bytes: Uint8Array;
  readonly world: World;
  readonly workers: readonly Worker[];
  readonly sweepers: readonly Sweeper[];
  readonly kinds: number;
  /** The row as the state has it; null where there is none. */
  row: Asset | null = null;

  readonly #mutants: ReadonlySet<string>;
  readonly #rows: Rows;
  readonly #ranked: boolean;
  readonly #transitions: Map<number, Transition | null>[] = [];
  readonly #aged: Map<string, number>[] = [];
  readonly #before: Uint8Array;
  readonly #queue: number;
  readonly #workersAt: number;
  readonly #sweepersAt: number;
  #visit: Visit = () => {};
  #broken = '';

  constructor(scenario: Scenario, mutants: ReadonlySet<string>) {
    this.scenario = scenario;
    this.#mutants = mutants;
    this.#ranked = !mutants.has('retry: resets the token');
    this.#rows = new Rows({
      attemptsMax: scenario.attempts,
      attempts: mutants.has('retry.set.attempts'),
      tokens: !this.#ranked,
    });
    this.kinds = S3_EVENTS + scenario.generations;
    const { workers, sweepers } = scenario;
    this.#queue = WORLD.length;
    this.#workersAt = this.#queue + this.kinds + 1;
    this.#sweepersAt = this.#workersAt + workers * WORKER.length;
    const end = this.#sweepersAt + sweepers * SWEEPER.length;
    const bytes = new Uint8Array(Math.ceil(end / 4) * 4);
    this.bytes = bytes;
    this.#before = new Uint8Array(bytes.length);
    this.world = worldOf(bytes, 0);
    this.workers = Array.from({ length: workers }, (_, i) =>
      workerOf(bytes, this.#workersAt + i * WORKER.length),
    );
    this.sweepers = Array.from({ length: sweepers }, (_, i) =>
      sweeperOf(bytes, this.#sweepersAt + i * SWEEPER.length),
    );
  }

  has(mutant: string): boolean {
    return this.#mutants.has(mutant);
  }

  /** Takes the row out of the bytes: to be called whenever others have written to them. */
  load(): void {
    this.row = this.#rows.at(this.#rowNumber);
  }

  begin(visit: Visit): void {
    this.#visit = visit;
    this.#before.set(this.bytes);
    this.load();
  }

  get #rowNumber(): number {
    return this.world.rowLow + 256 * this.world.rowHigh;
  }

  #putRow(number: number): void {
    this.world.rowLow = number & 255;
    this.world.rowHigh = number >> 8;
    this.load();
  }

  /* ---------------------------------------------------------------- steps */

  /** A step that happens in the end, if it can all the time. */
  fair(who: string, what: string, effect: () => void): void {
    this.#step(who, what, true, effect);
  }

  /** A step that may happen or not: a fault, or a wish of the client's. */
  fault(who: string, what: string, effect: () => void): void {
    this.#step(who, what, false, effect);
  }

  /** A fault that a calm scenario has none of: a reply that is lost, a call that fails, a beat that comes late. */
  mishap(who: string, what: string, effect: () => void): void {
    if (!this.scenario.calm) this.#step(who, what, false, effect);
  }

  #step(who: string, what: string, fair: boolean, effect: () => void): void {
    effect();
    sortBlocks(this.bytes, this.#workersAt, WORKER.length, this.workers.length);
    sortBlocks(this.bytes, this.#sweepersAt, SWEEPER.length, this.sweepers.length);
    this.#visit(who, what, fair, this.#broken);
    this.#broken = '';
    this.bytes.set(this.#before);
    this.load();
  }

  violate(what: string): void {
    this.#broken ||= what;
  }

  /* ---------------------------------------------------------------- the row */

  /** Whether the conditional write would be accepted now. */
  permits(write: Write): boolean {
    return this.#transition(write) !== null;
  }

  /** Writes what {@link permits} permits. `worker` is whose write it is, where it is a worker's. */
  write(write: Write, worker?: Worker): void {
    const { row, world } = this;
    const transition = this.#transition(write);
    if (!transition || !row) throw new Error(`${write.step} is refused`);
    this.violate(
      faultOf(write.step, row, transition.next, {
        takeOver: worker?.takeOver === 1,
        isLatest: worker?.mine === 1,
        ended: this.outcome(row.generation) !== 0,
        published: world.published,
      }),
    );
    this.#putRow(transition.number);
    this.#tellProcesses(transition, worker);
    this.#remember(write, row, transition.next);
  }

  #tellProcesses({ moved, raised, claim }: Transition, worker?: Worker): void {
    if (moved) for (const sweeper of this.sweepers) sweeper.fresh = 0;
    for (const each of this.workers) {
      if (raised && this.#ranked && each.token === TOKEN) each.token = TOKEN_OLD;
      if (claim !== 'as it was') each.mine = 0;
    }
    if (claim === 'mine' && worker) worker.mine = 1;
  }

  #remember({ step, event, upload }: Write, before: Asset, after: Asset): void {
    const { world } = this;
    if (step === 'commit' || step === 'fail') {
      this.#setOutcome(before.generation, after.status === 'COMPLETED' ? 1 : 2);
      if (world.published & (1 << event)) {
        this.violate('an event has the id of an earlier one, and subscribers drop it');
      }
    }
    if (step === 'claim') {
      world.derivedOld |= world.derivedNow;
      world.derivedNow = 0;
      world.firstUpload ||= upload;
    }
    if (step !== 'bury') return;
    world.buried = 1;
    if (this.has('bury: removes the item')) this.#putRow(0);
  }

  #transition(write: Write): Transition | null {
    const number = this.#rowNumber;
    if (number === 0) return null;
    this.#transitions[number] ??= new Map();
    const known = this.#transitions[number];
    const key = keyOf(write);
    let transition = known.get(key);
    if (transition === undefined) {
      transition = this.#transitionOf(this.#rows.at(number) as Asset, write);
      known.set(key, transition);
    }
    return transition;
  }

  #transitionOf(row: Asset, write: Write): Transition | null {
    const change = mutated(changeOf(write, this.scenario.attempts), this.#mutants);
    const next = applyChange(row, change);
    if (next === null) return null;
    return {
      next,
      number: this.#rows.numberOf(next),
      raised: next.fencingToken > row.fencingToken,
      moved: next.rev !== row.rev && !this.has('every write: rev stays'),
      claim: next.claimId === MY_CLAIM ? 'mine' : next.claimId ? 'as it was' : 'nobody',
    };
  }

  /** What time makes of the row, `name` being what has happened. */
  age(name: 'leaseUntil' | 'dueAt' | 'uploadExpiresAt'): void {
    const number = this.#rowNumber;
    if (!this.row) return;
    this.#aged[number] ??= new Map();
    const known = this.#aged[number];
    let aged = known.get(name);
    if (aged === undefined) {
      aged = this.#rows.numberOf({ ...this.row, [name]: PAST });
      known.set(name, aged);
    }
    this.#putRow(aged);
  }

  /** Puts a whole new row in the place of whatever was there. */
  create(row: Asset): void {
    if (this.row) this.violate('an existing asset is overwritten');
    this.#putRow(this.#rows.numberOf(row));
  }

  /* ---------------------------------------------------------------- around the row */

  /** How a generation ended: 1 is `COMPLETED`, 2 is `FAILED`, 0 is not yet. */
  outcome(generation: number): number {
    if (generation === 1) return this.world.outcome1;
    return generation === 2 ? this.world.outcome2 : this.world.outcome3;
  }

  #setOutcome(generation: number, outcome: number): void {
    if (generation === 1) this.world.outcome1 = outcome;
    else if (generation === 2) this.world.outcome2 = outcome;
    else this.world.outcome3 = outcome;
  }

  send(kind: number): void {
    this.bytes[this.#queue + kind] = 1;
  }

  waits(kind: number): boolean {
    return this.bytes[this.#queue + kind] === 1;
  }

  take(kind: number): void {
    this.bytes[this.#queue + kind] = 0;
  }

  publish(event: number): void {
    const outcome = this.outcome(generationOfEvent(event));
    if (outcome !== (statusOfEvent(event) === 'COMPLETED' ? 1 : 2)) {
      this.violate('an event is published that no commit backs');
    }
    this.world.published |= 1 << event;
  }

  removeSource(): void {
    const { row, world } = this;
    const allowed = row?.purgingAt || row?.status === 'CANCELLED' || row?.status === 'PURGED';
    if (world.object && !allowed) this.violate('stored bytes of a live asset are removed');
    if (world.object && row?.status === 'CANCELLED' && this.outcome(1)) {
      this.violate('cancel removes the source of a processed asset');
    }
    world.object = 0;
  }

  /** An ack is safe when the asset needs nothing more, or when the index or another message still leads to it. */
  ack(kind: number, comesAgain = false): void {
    if (this.#isUnfinished() && this.row?.dueAt === undefined && !this.#leadsOn(kind)) {
      this.violate('a message is acked while nothing else leads to its unfinished asset');
    }
    if (!comesAgain) this.take(kind);
  }

  #isUnfinished(): boolean {
    const status = this.row?.status;
    if (status === 'EXPIRED') return this.world.object !== 0 && !this.row?.deletedAt;
    return status === 'PENDING' || status === 'PROCESSING';
  }

  #leadsOn(kind: number): boolean {
    for (let other = 1; other <= this.kinds; other++) {
      const leads = generationOf(other) === this.row?.generation;
      if (other !== kind && leads && this.waits(other)) return true;
    }
    return false;
  }
}
