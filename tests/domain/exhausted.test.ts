import { describe, expect, it } from 'vitest';
import { exhausted } from '#domain/exhausted.ts';

describe('exhausted attempts', () => {
  it('say how many there were, and that another time may go well', () => {
    expect(exhausted({}, 5)).toEqual({
      code: 'RETRIES_EXHAUSTED',
      detail: '5 attempts did not end',
      stage: 'analyse',
      retryable: true,
    });
  });

  it('name the last error where one was seen', () => {
    const { detail } = exhausted({ lastError: 'JOB_TIMEOUT: too slow' }, 3);
    expect(detail).toBe('3 attempts did not end; the last one ended with JOB_TIMEOUT: too slow');
  });
});
