import { map, NEVER, type Observable, of, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { crashingStages, type StageCrash } from '#streams/crash-points.ts';
import type { Stages } from '#streams/stages.ts';
import { aMessage } from '../support/a-message.ts';
import { aResult } from '../support/an-asset.ts';
import { aClaim, asking, fakeStages, named } from '../support/fake-stages.ts';
import { marbles } from '../support/marbles.ts';

const claimed = aClaim();
const { asset } = claimed;
const message = aMessage();
const job = {
  message: asking('m1', 'a'),
  parts: 1,
  command: { kind: 'process' as const, ...named('a'), generation: 1 },
};

/** How each stage is begun, by the name of its points. */
const POINTS = [
  ['lock', 'lock'],
  ['claim', 'claim'],
  ['analyse', 'analyse'],
  ['commit', 'persist'],
  ['publish', 'publish'],
  ['clear', 'clear'],
  ['ack', 'remove'],
] as const;

type Name = (typeof POINTS)[number][1];

function begin(stages: Stages, name: Name): Observable<unknown> {
  switch (name) {
    case 'lock':
      return stages.lock(job);
    case 'claim':
      return stages.claim(job, true);
    case 'analyse':
      return stages.analyse(claimed);
    case 'persist':
      return stages.persist(asset, { result: aResult() });
    case 'publish':
      return stages.publish(asset);
    case 'clear':
      return stages.clear(asset);
    case 'remove':
      return stages.remove(message);
    default:
      return name satisfies never;
  }
}

/** Subscribes, and tells of it among the events. */
function told(result$: Observable<unknown>, events: string[]): void {
  result$.subscribe({ next: () => events.push('seen'), error: () => events.push('error') });
}

/** Stages over these, and what happened in order: calls, crashes, values. */
function crashing(crash: StageCrash, overrides: Partial<Stages> = {}) {
  const { stages, calls } = fakeStages(overrides);
  const kill = (): void => {
    calls.push('crash');
  };
  return { stages: crashingStages(stages, crash, kill), events: calls };
}

const at = (text: string, fileName: string | null = null): StageCrash => {
  const [when, stage = ''] = text.split('-');
  return { when: when === 'before' ? 'before' : 'after', stage, fileName };
};

describe.each(POINTS)('crashing at %s', (stage, name) => {
  it('before: nothing of it has begun', () => {
    const { stages, events } = crashing(at(`before-${stage}`));
    const result$ = begin(stages, name);
    expect(events).toEqual([]);
    told(result$, events);
    expect(events).toEqual(['crash', expect.any(String), 'seen']);
  });

  it('after: it has happened, and nobody has seen it', () => {
    const { stages, events } = crashing(at(`after-${stage}`));
    told(begin(stages, name), events);
    expect(events).toEqual([expect.any(String), 'crash', 'seen']);
  });

  it('at another point: never', () => {
    for (const other of [`before-${stage}s`, 'after-derivative']) {
      const { stages, events } = crashing(at(other));
      told(begin(stages, name), events);
      expect(events).toEqual([expect.any(String), 'seen']);
    }
  });

  it('after: not where it fails, nor where it never ends', () => {
    for (const outcome$ of [throwError(() => new Error('no')), NEVER]) {
      const { stages, events } = crashing(at(`after-${stage}`), { [name]: () => outcome$ });
      told(begin(stages, name), events);
      expect(events).not.toContain('crash');
    }
  });
});

describe.each(['analyse', 'commit', 'publish', 'clear'] as const)('of one file at %s', (stage) => {
  const [, name = 'clear'] = POINTS.find(([point]) => point === stage) ?? [];

  it.each(['before', 'after'])('%s: crashes at its asset, and at no other', (when) => {
    const mine = crashing(at(`${when}-${stage}`, asset.fileName));
    told(begin(mine.stages, name), mine.events);
    expect(mine.events).toContain('crash');
    const others = crashing(at(`${when}-${stage}`, `not-${asset.fileName}`));
    told(begin(others.stages, name), others.events);
    expect(others.events).not.toContain('crash');
  });
});

describe('crashing stages', () => {
  it(
    'crash in the frame of the value, and leave time alone',
    marbles(({ cold, expectObservable, flush }) => {
      const kill = vi.fn();
      const { stages } = fakeStages({ clear: () => cold('---a|').pipe(map(() => undefined)) });
      expectObservable(crashingStages(stages, at('after-clear'), kill).clear(asset)).toBe('---a|', {
        a: undefined,
      });
      flush();
      expect(kill).toHaveBeenCalledOnce();
    }),
  );

  it('are the same where nothing crashes, arguments included', () => {
    const claim = vi.fn(() => of(claimed));
    const { stages } = crashing(at('before-ack'), { claim });
    stages.claim(job, true).subscribe();
    stages.claim(job, false).subscribe();
    expect(claim.mock.calls).toEqual([
      [job, true],
      [job, false],
    ]);
  });
});
