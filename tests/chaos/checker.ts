import { derivedToken } from '#domain/keys.ts';
import { isTerminal } from '#domain/states.ts';
import type { AcceptedJob, EventEvidence, Evidence, RowEvidence } from './evidence.ts';
import { recoveriesMs } from './recovery.ts';

/** What a run comes to. Everything but `jobs`, `completed`, `derivatives`, `kills` and the three tolerated ones has to be as planned. */
export interface Verdict {
  /** Uploads whose bytes S3 took. */
  readonly jobs: number;
  /** Assets that ended `COMPLETED`. */
  readonly completed: number;
  /** Assets that ended `FAILED`, for whatever reason. */
  readonly failed: number;
  /** Uploads that were planned to fail: corrupt files, and the killer files. */
  readonly expectedFailed: number;
  /** Uploads without a row, and ended assets of whose end no subscriber was told. */
  readonly lost: number;
  /** Endings (commits, and the sweeper's `fail`) beyond the first of a generation, by the rows' histories. */
  readonly duplicateCommits: number;
  /** Assets of one generation of which subscribers, or the row, know several event ids. */
  readonly assetsWithSeveralEventIds: number;
  /** Events that came again under an id that had come before. Tolerated: delivery is at least once. */
  readonly duplicatePublishes: number;
  /** Assets that have not ended or that the sweeper still has to look at, messages left in the queue, and dead letters. */
  readonly stuck: number;
  /** Locks in Redis that outlive the work and their own time. */
  readonly leakedLocks: number;
  /** Temporary files that are left when every worker has ended. */
  readonly leakedFiles: number;
  /** Objects that results name. */
  readonly derivatives: number;
  /** Of those, what is not there. */
  readonly missingDerivatives: number;
  /**
   * Objects of attempts that came to nothing, of ended assets. Tolerated: no row names them, and they go with the asset.
   * The worker that commits removes them, but may be killed first, and a frozen one may wake and make more.
   */
  readonly staleDerivatives: number;
  /** Workers that died of a SIGKILL: the plan's, and those of the killer files. */
  readonly kills: number;
  /** From a kill to the end of an asset that the worker had in hand, in ms, 99th percentile; null where there was none. */
  readonly recoveryP99Ms: number | null;
}

/** A {@link Verdict}, and every violation in words, with the asset's id where it is about one. */
export interface Checked {
  readonly verdict: Verdict;
  readonly violations: readonly string[];
}

/** Judges what a run left behind. */
export function check(evidence: Evidence): Checked {
  const rows = new Map(evidence.rows.map((row) => [row.assetId, row]));
  const events = Map.groupBy(evidence.events, ({ assetId }) => assetId);
  const there = new Set(evidence.derived);
  const jobs = evidence.accepted.map((job) => judge(job, rows.get(job.assetId), events, there));
  const found = (kind: Finding['kind']): string[] =>
    jobs.flatMap(({ findings }) => findings.filter((each) => each.kind === kind)).map(textOf);
  const count = (status: string) => jobs.filter(({ row }) => row?.status === status).length;
  const named = namedKeys(evidence);
  const missing = found('missing derivative');
  const [lost, again, ids] = [found('lost'), found('duplicate commit'), found('several event ids')];
  const stuck = [...found('stuck'), ...leftovers(evidence)];
  const verdict: Verdict = {
    jobs: jobs.length,
    completed: count('COMPLETED'),
    failed: count('FAILED'),
    expectedFailed: evidence.accepted.filter(({ failsWith }) => failsWith !== null).length,
    lost: lost.length,
    duplicateCommits: again.length,
    assetsWithSeveralEventIds: ids.length,
    duplicatePublishes: duplicates(evidence.events),
    stuck: stuck.length,
    leakedLocks: evidence.locks.length,
    leakedFiles: evidence.files.length,
    derivatives: named.size,
    missingDerivatives: missing.length,
    staleDerivatives: staleKeys(evidence).length,
    kills: evidence.kills.length,
    recoveryP99Ms: p99(recoveriesMs(evidence)),
  };
  const leaks = [
    ...evidence.locks.map((name) => `leaked lock: ${name}`),
    ...evidence.files.map((path) => `leaked file: ${path}`),
  ];
  const violations = [
    ...lost,
    ...again,
    ...ids,
    ...stuck,
    ...leaks,
    ...missing,
    ...found('other ending'),
  ];
  return { verdict, violations };
}

/** Whether the run went as it has to: nothing lost, doubled, stuck or leaked, and what failed is what had to fail. */
export function isAsPlanned({ verdict, violations }: Checked): boolean {
  return violations.length === 0 && verdict.failed === verdict.expectedFailed;
}

interface Finding {
  readonly kind:
    | 'lost'
    | 'duplicate commit'
    | 'several event ids'
    | 'stuck'
    | 'missing derivative'
    | 'other ending';
  readonly detail: string;
}

const textOf = ({ kind, detail }: Finding): string => `${kind}: ${detail}`;

interface JudgedJob {
  readonly row: RowEvidence | undefined;
  readonly findings: readonly Finding[];
}

function judge(
  job: AcceptedJob,
  row: RowEvidence | undefined,
  eventsByAsset: ReadonlyMap<string, readonly EventEvidence[]>,
  there: ReadonlySet<string>,
): JudgedJob {
  const events = eventsByAsset.get(job.assetId) ?? [];
  const name = `${job.assetId} (${job.fileName})`;
  if (!row) return { row, findings: [{ kind: 'lost', detail: `${name} has no row` }] };
  return {
    row,
    findings: [
      ...endings(row, events, name),
      ...repeatedEndings(row, name),
      ...severalIds(row, events, name),
      ...missingDerivatives(row, there, name),
      ...unplanned(job, row, name),
    ],
  };
}

function endings(row: RowEvidence, events: readonly EventEvidence[], name: string): Finding[] {
  if (!isTerminal(row.status)) return [{ kind: 'stuck', detail: `${name} is ${row.status}` }];
  const told = events.some(({ eventId }) => eventId === row.eventId);
  const lost: Finding[] = told
    ? []
    : [{ kind: 'lost', detail: `${name} is ${row.status}, and nobody was told` }];
  const waits = row.dueAt !== undefined || row.event !== undefined;
  const stuck: Finding[] = waits ? [{ kind: 'stuck', detail: `${name} is still to be swept` }] : [];
  return [...lost, ...stuck];
}

/** Each ending beyond the first of its generation is one. */
function repeatedEndings({ history }: RowEvidence, name: string): Finding[] {
  const ended = history.filter(({ step }) => step === 'commit' || step === 'fail');
  const seen = new Set<number>();
  return ended.flatMap(({ generation, status }): Finding[] => {
    if (!seen.has(generation)) {
      seen.add(generation);
      return [];
    }
    const detail = `${name} ended again as ${status}, generation ${generation}`;
    return [{ kind: 'duplicate commit', detail }];
  });
}

function severalIds(row: RowEvidence, events: readonly EventEvidence[], name: string): Finding[] {
  const byGeneration = Map.groupBy(events, ({ generation }) => generation);
  const latest = Math.max(1, ...row.history.map(({ generation }) => generation));
  return [...byGeneration].flatMap(([generation, told]): Finding[] => {
    const ids = new Set(told.map(({ eventId }) => eventId));
    if (generation === latest && row.eventId !== undefined) ids.add(row.eventId);
    if (ids.size <= 1) return [];
    const detail = `${name} was told of under ${[...ids].join(', ')}`;
    return [{ kind: 'several event ids', detail }];
  });
}

function unplanned({ failsWith }: AcceptedJob, row: RowEvidence, name: string): Finding[] {
  if (!isTerminal(row.status)) return [];
  const [planned, got] = [failsWith ?? 'COMPLETED', row.failure?.code ?? row.status];
  if (planned === got) return [];
  return [{ kind: 'other ending', detail: `${name} ended with ${got}, planned was ${planned}` }];
}

/** What a result says is ready is there, and under the token that the row ended with. */
function missingDerivatives(
  { result, fencingToken }: RowEvidence,
  there: ReadonlySet<string>,
  name: string,
): Finding[] {
  const ready = result?.derivatives.filter(({ status }) => status === 'ready') ?? [];
  return ready.flatMap(({ key = '', name: what }): Finding[] => {
    if (there.has(key) && derivedToken(key) === fencingToken) return [];
    const detail = `${name} has no ${what} at ${key}`;
    return [{ kind: 'missing derivative', detail }];
  });
}

function namedKeys({ rows }: Evidence): ReadonlySet<string> {
  const keys = rows.flatMap(({ result }) => result?.derivatives.map(({ key }) => key) ?? []);
  return new Set(keys.filter((key) => key !== undefined));
}

function staleKeys(evidence: Evidence): readonly string[] {
  const named = namedKeys(evidence);
  return evidence.derived.filter((key) => !named.has(key));
}

/** What belongs to no asset in particular. */
function leftovers({ queued, deadLetters }: Evidence): string[] {
  return [
    ...Array.from({ length: queued }, () => 'stuck: a message is left in the work queue'),
    ...Array.from({ length: deadLetters }, () => 'stuck: a message is in the dead-letter queue'),
  ];
}

function duplicates(events: readonly EventEvidence[]): number {
  return events.length - new Set(events.map(({ eventId }) => eventId)).size;
}

function p99(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? null;
}
