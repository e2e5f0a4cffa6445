import { describe, expect, it } from 'vitest';
import { parseCrashAt } from '#config/crash-at.ts';
import { readEnv } from '#config/env.ts';

describe('parseCrashAt', () => {
  it.each(['lock', 'claim', 'analyse', 'derivative', 'commit', 'publish', 'clear', 'ack'])(
    'reads the points of %s',
    (stage) => {
      expect(parseCrashAt(`before-${stage}`)).toEqual({ when: 'before', stage, fileName: null });
      expect(parseCrashAt(`after-${stage}`)).toEqual({ when: 'after', stage, fileName: null });
    },
  );

  it.each(['analyse', 'commit', 'publish', 'clear'])('reads a file name at %s', (stage) => {
    const fileName = 'a @ b.mp4';
    expect(parseCrashAt(`after-${stage}@${fileName}`)).toEqual({ when: 'after', stage, fileName });
  });

  it.each(['lock', 'claim', 'derivative', 'ack'])('refuses a file name at %s', (stage) => {
    expect(parseCrashAt(`before-${stage}@a.mp4`)).toMatch(/^cannot be of one file/);
  });

  it.each([
    'lock',
    'mid-analyse',
    'before-probe',
    'after-',
    'before-commit@',
    'Before-lock',
    ' after-ack',
  ])('refuses %j', (text) => {
    expect(parseCrashAt(text)).toMatch(/^has to be before- or after- one of lock, claim/);
  });
});

describe('CRASH_AT', () => {
  it('is refused with its reason, like any other variable', () => {
    expect(readEnv({ CRASH_AT: 'after-commit@x' }).CRASH_AT).toMatchObject({ stage: 'commit' });
    expect(() => readEnv({ CRASH_AT: 'after-ack@x' })).toThrow(
      "CRASH_AT cannot be of one file at ack, where the name of the file is not known, not 'after-ack@x'",
    );
  });
});
