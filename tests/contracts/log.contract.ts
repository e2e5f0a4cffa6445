import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '#ports/log.ts';
import { itUnless } from './it-unless.ts';

/** A line as whoever reads the log finds it. */
export interface LoggedLine {
  readonly level: string;
  readonly message: string;
  /** All of it, facts included. */
  readonly text: string;
}

export interface OpenedLog {
  readonly log: Log;
  /** Every line so far, in order. */
  readonly lines: () => readonly LoggedLine[];
  readonly close?: () => void;
}

/** Where a log is known to differ, and why. */
export interface LogTraits {
  /** Why it keeps secrets. */
  readonly tellsAll?: string;
  /** Resolves when a process has logged more than a pipe takes while nobody reads it; or why there is no such process. */
  readonly unread: (() => Promise<void>) | string;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const SECRET = '5ec2e7';
const PRESIGNED = `http://s3.local/b/k?X-Amz-Credential=c&X-Amz-Signature=${SECRET}`;

const fail = (): never => {
  throw new Error('not to be told');
};
const circle: Record<string, unknown> = { name: 'o' };
circle['self'] = circle;
let deep: unknown = 0;
for (let i = 0; i < 5000; i += 1) deep = [deep];

/** Facts that are hard to write down. */
const ODD: readonly (readonly [string, unknown])[] = [
  ['a circle', circle],
  ['a big integer', 10n],
  ['a symbol', Symbol('s')],
  ['a function', fail],
  ['nothing', undefined],
  ['null', null],
  ['an object without a prototype', Object.create(null)],
  ['an object that has no JSON', { toJSON: fail, toString: fail }],
  [
    'an object that throws when looked at',
    Object.defineProperty({}, 'x', { get: fail, enumerable: true }),
  ],
  ['half a character', '\ud800'],
  ['no time', new Date(Number.NaN)],
  ['an error with a cause', new TypeError('no', { cause: circle })],
  ['5000 arrays in each other', deep],
];

/** Proves the prose of the `Log` port on whatever `open` opens, at the most talkative level. */
export function logContract(
  name: string,
  open: () => OpenedLog,
  { tellsAll, unread }: LogTraits,
): void {
  describe(`${name} keeps the Log contract`, () => {
    let opened: OpenedLog;
    let log: Log;
    beforeEach(() => {
      opened = open();
      log = opened.log;
    });
    afterEach(() => opened.close?.());

    it.each(LEVELS)('tells a line of level %s, with its facts', (level) => {
      log[level]({ assetId: 'a-1', attempts: 3 }, 'asset claimed');
      expect(opened.lines()).toEqual([
        { level, message: 'asset claimed', text: expect.stringMatching(/a-1.*3/s) },
      ]);
    });

    it('tells one line per call, in order', () => {
      const messages = Array.from({ length: 100 }, (_, i) => `message ${i}`);
      for (const [i, message] of messages.entries()) log[LEVELS[i % 4] ?? 'info']({ i }, message);
      expect(opened.lines().map(({ message }) => message)).toEqual(messages);
    });

    it('makes no second line of what looks like one', () => {
      log.info({ detail: 'a\r\n{"level":"error"}\u2028b' }, 'asset\nclaimed');
      log.info({}, 'next');
      expect(opened.lines()).toHaveLength(2);
    });

    it.each(ODD)('never throws, given %s', (_, fact) => {
      for (const level of LEVELS) log[level]({ detail: fact, more: { fact } }, 'odd');
      expect(opened.lines().map(({ message }) => message)).toEqual(LEVELS.map(() => 'odd'));
    });

    it('never throws, given facts that throw', () => {
      const facts = Object.defineProperty({}, 'detail', { get: fail, enumerable: true });
      log.info(facts, 'odd');
      expect(opened.lines()).toMatchObject([{ level: 'info' }]);
    });

    it('leaves the facts alone', () => {
      const facts = { url: PRESIGNED, detail: { url: PRESIGNED } };
      log.info(facts, 'asset claimed');
      expect(facts).toEqual({ url: PRESIGNED, detail: { url: PRESIGNED } });
    });

    itUnless(tellsAll, 'tells no presigned URL and no key', async () => {
      const keys = { authorization: SECRET, apiKey: SECRET, secretAccessKey: SECRET };
      log.error({ url: PRESIGNED, ...keys, upload: { url: PRESIGNED, ...keys } }, 'told');
      log.error({ url: `redis://user:${SECRET}@cache` }, 'told');
      const lines = opened.lines();
      expect(lines).toHaveLength(2);
      expect(lines.map(({ text }) => text).join('')).not.toContain(SECRET);
    });

    itUnless(
      typeof unread === 'string' ? unread : undefined,
      'never blocks, though nobody reads it',
      async () => {
        if (typeof unread === 'string') throw new Error(unread);
        await expect(unread()).resolves.toBeUndefined();
      },
    );
  });
}
