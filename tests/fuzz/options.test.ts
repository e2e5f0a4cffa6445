import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('fuzz options', () => {
  it('draw a seed where none is given', () => {
    expect(readOptions([], () => 42)).toStrictEqual({
      seconds: 60,
      files: Number.POSITIVE_INFINITY,
      seed: 42,
      keep: null,
      corpus: null,
      derivatives: false,
      json: false,
      help: false,
    });
  });

  it('take what is given', () => {
    const args = ['--seconds', '5', '--seed', '7', '--keep', 'k', '--corpus', 'c', '--json'];
    expect(readOptions(args, () => 42)).toMatchObject({
      seconds: 5,
      seed: 7,
      keep: 'k',
      corpus: 'c',
      json: true,
    });
  });

  it.each([
    ['--seconds', '0'],
    ['--seconds', '1.5'],
    ['--seed', '-1'],
    ['--seed', 'x'],
    ['--files', '0'],
  ])('refuse %s %s', (name, value) => {
    expect(() => readOptions([`${name}=${value}`], () => 1)).toThrow(/takes a whole number/);
  });
});
