import { describe, expect, it } from 'vitest';
import { progressLine } from './progress-line.ts';

const at = (finished: number) =>
  ({
    phase: 'running',
    accepted: 60,
    finished,
    kills: 2,
    faultsActive: 1,
    faultsLeft: 3,
  }) as const;

function shown(isTerminal: boolean, ...finished: number[]): string {
  let text = '';
  const line = progressLine(
    (more) => {
      text += more;
    },
    isTerminal,
    100,
  );
  for (const count of finished) line.show(at(count));
  line.end();
  return text;
}

describe('progressLine', () => {
  it('is one line that changes on a terminal', () => {
    const text = shown(true, 10, 50);
    expect(text.match(/\r/g)).toHaveLength(2);
    expect(text).toContain('50 of 100 finished, 60 sent, 2 kills, 1 faults now, 3 to come');
    expect(text).toMatch(/█{15}░{15} 50 of 100 .*\n$/);
  });

  it('is plain elsewhere, and says nothing twice', () => {
    const text = shown(false, 10, 10, 11, 50);
    expect(text.trimEnd().split('\n')).toHaveLength(2);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|█/u);
  });
});
