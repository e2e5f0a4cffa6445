import { describe, expect, it } from 'vitest';
import { readOptions, UsageError } from '#main/dlq/options.ts';

const read = (line: string) => readOptions(line.split(' ').filter((word) => word !== ''));

describe('the options of npm run dlq', () => {
  it.each([
    ['list', { action: 'list', ids: undefined, json: false }],
    ['list --json', { action: 'list', ids: undefined, json: true }],
    ['show a', { action: 'show', ids: ['a'], json: false }],
    ['redrive a b a', { action: 'redrive', ids: ['a', 'b'], json: false }],
    ['--json redrive --all', { action: 'redrive', ids: undefined, json: true }],
    ['drop a', { action: 'drop', ids: ['a'], json: false }],
    ['drop --all', { action: 'drop', ids: undefined, json: false }],
  ])('are understood: %s', (line, options) => {
    expect(read(line)).toEqual(options);
  });

  it('are null where help is asked for', () => {
    expect(read('--help')).toBeNull();
    expect(read('redrive --help')).toBeNull();
  });

  it.each([
    ['', /list, show, redrive, drop, not nothing/],
    ['purge', /not 'purge'/],
    ['list a', /takes no ids/],
    ['show', /one id/],
    ['show a b', /one id/],
    ['show a --all', /one id/],
    // Neither may mean everything by what is left out.
    ['redrive', /ids, or --all/],
    ['redrive a --all', /ids, or --all/],
    ['drop', /ids, or --all/],
    ['drop a --all', /ids, or --all/],
    ['list --nonsense', /--nonsense/],
    ['list --json=yes', /--json/],
  ])('are refused: %s', (line, message) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(message);
  });
});
