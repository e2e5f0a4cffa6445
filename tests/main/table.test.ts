import { describe, expect, it } from 'vitest';
import { bytesText, durationText, table } from '#main/table.ts';

describe('table', () => {
  it('aligns columns by their widest cell, the first row as head', () => {
    const rows = [
      ['FILE', 'STATUS'],
      ['a-long-name.mp4', 'OK'],
      ['b', 'COMPLETED'],
    ];
    expect(table(rows)).toBe(
      [
        'FILE             STATUS',
        '───────────────  ─────────',
        'a-long-name.mp4  OK',
        'b                COMPLETED',
      ].join('\n'),
    );
  });

  it('is a head and a rule where there is nothing else', () => {
    expect(table([['A', 'BC']])).toBe('A  BC\n─  ──');
  });

  it('leaves no blanks at the end of a line', () => {
    expect(
      table([
        ['A', 'B'],
        ['x', ''],
        ['', ''],
      ]),
    ).toBe('A  B\n─  ─\nx\n');
  });

  it('replaces what could forge a line or move a cursor', () => {
    const text = table([['FILE'], ['a\nb\u001b[2J\u202egpj']]);
    expect(text.split('\n')[2]).toBe('a b [2J gpj');
    expect(text.split('\n')).toHaveLength(3);
  });
});

describe('bytesText', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [1549, '1.5 KB'],
    [597_000, '597.0 KB'],
    [1_000_000, '1.0 MB'],
    [5_368_709_120, '5.4 GB'],
    [999_960, '1.0 MB'],
    [5_000_000_000_000, '5.0 TB'],
  ])('says %i bytes as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

describe('durationText', () => {
  it.each([
    [null, 'unknown'],
    [0, '0:00.0'],
    [0.04, '0:00.0'],
    [0.05, '0:00.1'],
    [9.94, '0:09.9'],
    [59.94, '0:59.9'],
    [59.96, '1:00.0'],
    [60, '1:00.0'],
    [61.5, '1:01.5'],
    [599.96, '10:00.0'],
    [3599.94, '59:59.9'],
    [3599.96, '1:00:00.0'],
    [3723.4, '1:02:03.4'],
    [36_000, '10:00:00.0'],
    [90_061, '25:01:01.0'],
  ])('says %s seconds as %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});
