import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

const read = (...args: string[]) => readOptions(args, () => 7);

describe('readOptions', () => {
  it('reads what the issue names', () => {
    const command = read('--jobs', '300', '--seed', '42', '--workers', '4', '--json');
    expect(command).toMatchObject({ jobs: 300, seed: 42, workers: 4, json: true });
  });

  it('draws a seed, and gives a longer run more time', () => {
    expect(read()).toMatchObject({ seed: 7, jobs: 100, workers: 3, cloud: 'embedded' });
    expect(read('--jobs', '10000').timeoutMs).toBe(60 * 60_000);
    expect(read('--minutes', '2').timeoutMs).toBe(120_000);
    expect(read('--minutes', '2', '--timeout', '5').timeoutMs).toBe(5000);
  });

  it.each([
    ['--jobs', '0'],
    ['--jobs', 'many'],
    ['--seed', '-1'],
    ['--seed', '1.5'],
    ['--workers', '65'],
    ['--minutes', '0'],
    ['--timeout', ''],
    ['--cloud', 'aws'],
  ])('refuses %s=%s in a line', (name, value) => {
    expect(() => read(`${name}=${value}`)).toThrow(new RegExp(`^${name} takes .*, not ${value}$`));
  });

  it('refuses what it does not know', () => {
    expect(() => read('--nonsense')).toThrow("Unknown option '--nonsense'");
  });
});
