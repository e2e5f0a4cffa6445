// Each violation is planted once into a run that went well: the checker has to see it, and nothing else.
import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '#domain/asset.ts';
import { check, isAsPlanned } from './checker.ts';
import type { Evidence, RowEvidence } from './evidence.ts';

const entry = (step: string, status: HistoryEntry['status'], at: number): HistoryEntry => ({
  step,
  status,
  at,
  generation: 1,
});

const history = (status: 'COMPLETED' | 'FAILED') => [
  entry('init', 'PENDING', 0),
  entry('claim', 'PROCESSING', 100),
  entry('commit', status, 200),
];

const completed: RowEvidence = {
  assetId: 'good',
  status: 'COMPLETED',
  eventId: 'e-good',
  fencingToken: 2,
  result: {
    derivatives: [
      { name: 'poster', status: 'ready', key: 'derived/default/good/2/poster.jpg' },
      { name: 'storyboard', status: 'failed' },
    ],
  },
  history: history('COMPLETED'),
};
const failed: RowEvidence = {
  assetId: 'corrupt',
  status: 'FAILED',
  eventId: 'e-corrupt',
  fencingToken: 1,
  failure: { code: 'CORRUPT_MEDIA' },
  history: history('FAILED'),
};
const told = (assetId: string, eventId = `e-${assetId}`) =>
  ({ assetId, eventId, generation: 1, status: 'COMPLETED' }) as const;

const WELL: Evidence = {
  accepted: [
    { assetId: 'good', fileName: 'clip.mp4', failsWith: null },
    { assetId: 'corrupt', fileName: 'no-index.mp4', failsWith: 'CORRUPT_MEDIA' },
  ],
  rows: [completed, failed],
  events: [told('good'), told('corrupt')],
  claims: [],
  kills: [],
  queued: 0,
  deadLetters: 0,
  locks: [],
  derived: ['derived/default/good/2/poster.jpg'],
  files: [],
};

const run = (change: Partial<Evidence>) => check({ ...WELL, ...change });
const withRow = (change: Partial<RowEvidence>) =>
  run({ rows: [{ ...completed, ...change }, failed] });

describe('check', () => {
  it('finds nothing wrong with a run that went well', () => {
    const checked = run({});
    expect(checked).toEqual({
      verdict: {
        jobs: 2,
        completed: 1,
        failed: 1,
        expectedFailed: 1,
        lost: 0,
        duplicateCommits: 0,
        assetsWithSeveralEventIds: 0,
        duplicatePublishes: 0,
        stuck: 0,
        leakedLocks: 0,
        leakedFiles: 0,
        derivatives: 1,
        missingDerivatives: 0,
        staleDerivatives: 0,
        kills: 0,
        recoveryP99Ms: null,
      },
      violations: [],
    });
    expect(isAsPlanned(checked)).toBe(true);
  });

  it.each<[string, Partial<Evidence>, object, RegExp]>([
    [
      'a job without a row',
      { rows: [failed] },
      { lost: 1, completed: 0, stuck: 0 },
      /^lost: good \(clip\.mp4\) has no row$/,
    ],
    [
      'an ending that nobody was told of',
      { events: [told('corrupt')] },
      { lost: 1, completed: 1 },
      /^lost: good .*nobody was told$/,
    ],
    [
      'a message in the queue',
      { queued: 1 },
      { stuck: 1 },
      /^stuck: a message is left in the work queue$/,
    ],
    ['a dead letter', { deadLetters: 1 }, { stuck: 1 }, /^stuck: a message is in the dead-letter/],
    [
      'a lock that stays',
      { locks: ['sf:lock:default/good'] },
      { leakedLocks: 1 },
      /^leaked lock: sf:lock:default\/good$/,
    ],
    [
      'a file that stays',
      { files: ['streamforge-x/y'] },
      { leakedFiles: 1 },
      /^leaked file: streamforge-x\/y$/,
    ],
    [
      'a derivative that is not there',
      { derived: [] },
      { derivatives: 1, missingDerivatives: 1, completed: 1 },
      /^missing derivative: good .* no poster at derived\/default\/good\/2\/poster\.jpg$/,
    ],
    [
      'a derivative of another attempt than the one that was committed',
      { rows: [{ ...completed, fencingToken: 3 }, failed] },
      { missingDerivatives: 1 },
      /^missing derivative: good/,
    ],
    [
      'two event ids of one asset',
      { events: [told('good'), told('good', 'e-other'), told('corrupt')] },
      { assetsWithSeveralEventIds: 1, duplicatePublishes: 0, lost: 0 },
      /^several event ids: good .*e-good, e-other$/,
    ],
  ])('sees %s', (_, change, verdict, violation) => {
    const checked = run(change);
    expect(checked.verdict).toMatchObject(verdict);
    expect(checked.violations).toEqual([expect.stringMatching(violation)]);
    expect(isAsPlanned(checked)).toBe(false);
  });

  it.each<[string, Partial<RowEvidence>, object, RegExp]>([
    [
      'two commits of one generation',
      { history: [...history('COMPLETED'), entry('commit', 'COMPLETED', 300)] },
      { duplicateCommits: 1 },
      /^duplicate commit: good/,
    ],
    [
      "a commit after the sweeper's verdict",
      { history: [entry('fail', 'FAILED', 150), ...history('COMPLETED')] },
      { duplicateCommits: 1 },
      /^duplicate commit: good .*COMPLETED, generation 1$/,
    ],
    [
      'a row that never ended',
      { status: 'PROCESSING' },
      { stuck: 1, completed: 0, lost: 0 },
      /^stuck: good/,
    ],
    ['a row that is still due', { dueAt: 5 }, { stuck: 1, completed: 1 }, /^stuck: good .*swept$/],
    [
      'an event that still waits',
      { event: {} },
      { stuck: 1, completed: 1 },
      /^stuck: good .*swept$/,
    ],
    [
      'a failure that was not planned',
      { status: 'FAILED', failure: { code: 'RETRIES_EXHAUSTED' } },
      { failed: 2, expectedFailed: 1 },
      /^other ending: good .*RETRIES_EXHAUSTED, planned was COMPLETED$/,
    ],
  ])('sees %s', (_, change, verdict, violation) => {
    const checked = withRow(change);
    expect(checked.verdict).toMatchObject(verdict);
    expect(checked.violations).toEqual([expect.stringMatching(violation)]);
    expect(isAsPlanned(checked)).toBe(false);
  });

  it('is not content when the right number of the wrong jobs failed', () => {
    const swapped = run({
      rows: [
        { ...failed, assetId: 'good', eventId: 'e-good' },
        { ...completed, assetId: 'corrupt', eventId: 'e-corrupt' },
      ],
    });
    expect(swapped.verdict).toMatchObject({ failed: 1, expectedFailed: 1 });
    expect(swapped.violations).toHaveLength(2);
    expect(isAsPlanned(swapped)).toBe(false);
  });

  it('counts an event that came twice, and lets it pass', () => {
    const checked = run({ events: [told('good'), told('good'), told('good'), told('corrupt')] });
    expect(checked.verdict).toMatchObject({ duplicatePublishes: 2, assetsWithSeveralEventIds: 0 });
    expect(isAsPlanned(checked)).toBe(true);
  });

  it('counts what dead attempts made, and lets it pass', () => {
    const derived = [...WELL.derived, 'derived/default/good/1/poster.jpg'];
    const checked = run({ derived });
    expect(checked.verdict).toMatchObject({ staleDerivatives: 1, missingDerivatives: 0 });
    expect(isAsPlanned(checked)).toBe(true);
  });

  it('lets a generation of its own have an ending and an event of its own', () => {
    const second = (step: string, status: HistoryEntry['status'], at: number) => ({
      ...entry(step, status, at),
      generation: 2,
    });
    const { verdict } = run({
      rows: [
        {
          ...completed,
          eventId: 'e-2',
          history: [...history('COMPLETED'), second('commit', 'COMPLETED', 300)],
        },
        failed,
      ],
      events: [told('good'), { ...told('good', 'e-2'), generation: 2 }, told('corrupt')],
    });
    expect(verdict).toMatchObject({ duplicateCommits: 0, assetsWithSeveralEventIds: 0, lost: 0 });
  });
});

describe('recoveryP99Ms', () => {
  const claims = [{ worker: 'w1', assetId: 'good', at: 100 }];

  it('is the time from the kill to the end of what the worker had in hand', () => {
    const kills = [{ worker: 'w1', at: 150 }];
    expect(run({ claims, kills }).verdict).toMatchObject({ kills: 1, recoveryP99Ms: 50 });
  });

  it('leaves out what had passed to another, what had ended, and what another worker had', () => {
    const later = [...claims, { worker: 'w2', assetId: 'good', at: 120 }];
    const kills = [{ worker: 'w1', at: 150 }];
    expect(run({ claims: later, kills }).verdict.recoveryP99Ms).toBe(null);
    expect(run({ claims, kills: [{ worker: 'w1', at: 250 }] }).verdict.recoveryP99Ms).toBe(null);
    expect(run({ claims, kills: [{ worker: 'w2', at: 150 }] }).verdict.recoveryP99Ms).toBe(null);
  });

  it('leaves out files that kill', () => {
    const accepted = WELL.accepted.map((job) => ({
      ...job,
      failsWith: 'RETRIES_EXHAUSTED' as const,
    }));
    const kills = [{ worker: 'w1', at: 150 }];
    expect(run({ accepted, claims, kills }).verdict.recoveryP99Ms).toBe(null);
  });
});
