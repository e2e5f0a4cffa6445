import { describe, expect, it } from 'vitest';
import { counter } from '#main/dlq/counter.ts';

function shown(isTerminal: boolean, counts: readonly number[]): string[] {
  const written: string[] = [];
  const counting = counter((text) => written.push(text), isTerminal);
  for (const count of counts) counting.at(count, `looked at ${count}`);
  counting.end();
  counting.end();
  return written;
}

describe('the counter', () => {
  it('draws over one line on a terminal, and ends it once', () => {
    expect(shown(true, [10, 12])).toEqual(['\rlooked at 10', '\rlooked at 12', '\n']);
  });

  it('writes a line per hundred elsewhere, and moves no cursor', () => {
    expect(shown(false, [10, 100, 150, 200, 203])).toEqual(['looked at 100\n', 'looked at 200\n']);
  });

  it('ends nothing that was not begun', () => {
    expect(shown(true, [])).toEqual([]);
  });
});
