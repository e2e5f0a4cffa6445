import { delimiter } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { searchPath } from '#config/search-path.ts';

describe('searchPath', () => {
  it('has the folders of PATH in order, and no empty one', () => {
    expect(searchPath(['/b', '', '/a'].join(delimiter))).toEqual(['/b', '/a']);
    expect(searchPath('')).toEqual([]);
  });

  it('is that of the process, where it has one', () => {
    vi.stubEnv('PATH', '/only/here');
    expect(searchPath()).toEqual(['/only/here']);
    vi.stubEnv('PATH', undefined);
    expect(searchPath()).toEqual([]);
    vi.unstubAllEnvs();
  });
});
