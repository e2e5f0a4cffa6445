import { describe, expect, it } from 'vitest';
import { progress } from '#main/demo/progress.ts';

/** What is shown while a file of 1000 bytes goes out in these steps. */
function shown(isTerminal: boolean, steps: readonly number[], file = 'clip.mp4'): string[] {
  const written: string[] = [];
  const bars = progress((text) => written.push(text), isTerminal);
  for (const bytes of steps) bars.sent(file, bytes, 1000);
  return written;
}

const bar = (cells: number) => `${'█'.repeat(cells)}${'░'.repeat(30 - cells)}`;

describe('progress', () => {
  it('is a bar on a terminal, drawn over itself until it is full', () => {
    expect(shown(true, [0, 333, 999, 1000])).toEqual([
      `\r${bar(0)}   0 %  clip.mp4  1.0 KB`,
      `\r${bar(10)}  33 %  clip.mp4  1.0 KB`,
      `\r${bar(30)}  99 %  clip.mp4  1.0 KB`,
      `\r${bar(30)} 100 %  clip.mp4  1.0 KB\n`,
    ]);
  });

  it('is one plain line elsewhere, when the file is out', () => {
    expect(shown(false, [0, 333, 999, 1000])).toEqual(['sent clip.mp4, 1.0 KB\n']);
  });

  it('keeps files apart', () => {
    const written: string[] = [];
    const bars = progress((text) => written.push(text), false);
    bars.sent('a', 5, 5);
    bars.sent('b', 2, 5);
    bars.sent('b', 5, 5);
    expect(written).toEqual(['sent a, 5 B\n', 'sent b, 5 B\n']);
  });

  it.each([true, false])('shows a name that moves no cursor, on a terminal: %s', (isTerminal) => {
    const [text = ''] = shown(isTerminal, [1000], 'a\n\u001b[2J\u202egpj');
    expect(text).toContain('a  [2J gpj');
  });
});
