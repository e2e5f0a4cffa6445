import { describe, expect, it } from 'vitest';
import { letterJson, letterText, listText, rowJson } from '#main/dlq/letter-text.ts';
import { anS3Event } from '../../support/a-message.ts';
import { aCompletedAsset, aFailure, KEY } from '../../support/an-asset.ts';
import { T0 } from '../../support/fixed-clock.ts';
import { aLetter } from './letters.ts';

const SECOND = 1000;
const NAME = `${KEY.tenant}/${KEY.assetId}`;
const OTHER = { ...KEY, assetId: '018f0000-0000-7000-8000-00000000000b' };

/** What moves a cursor, forges a line, or turns words around. */
const EVIL = 'a\u001b[2Jb\u202egpj';

const lines = (text: string) => text.split('\n');

describe('the list', () => {
  it('has a line per letter: id, age, reason, detail, asset, receives', () => {
    const letters = [
      aLetter({ receiveCount: 3 }),
      aLetter({ id: 'b', body: 'hello', reason: null }),
      aLetter({ id: 'c', body: JSON.stringify(anS3Event(KEY, OTHER)) }),
    ];
    const [head, rule, ...rows] = lines(listText(letters, T0 + 90 * SECOND));
    expect(head?.split(/ {2,}/)).toEqual(['ID', 'AGE', 'REASON', 'DETAIL', 'ASSET', 'RECEIVED']);
    expect(rule).toMatch(/^[─ ]+$/);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['letter-1', '90 s', 'UNKNOWN_OBJECT', 'no asset has the key', NAME, '3'],
      ['b', '90 s', '–', 'received too often', '–', '1'],
      ['c', '90 s', 'UNKNOWN_OBJECT', 'no asset has the key', `${NAME} and 1 more`, '1'],
    ]);
  });

  it.each([
    [-5, '0 s'],
    [0, '0 s'],
    [119, '119 s'],
    [120, '2 min'],
    [7199, '119 min'],
    [7200, '2 h'],
    [172_799, '47 h'],
    [172_800, '2 d'],
    [10 * 86_400, '10 d'],
  ])('says %i seconds as %s', (seconds, age) => {
    expect(listText([aLetter()], T0 + seconds * SECOND)).toContain(`  ${age}  `);
  });

  it('shows the beginning of a long detail, and moves no cursor', () => {
    const reason = { code: 'X', detail: `${EVIL}${'🏖'.repeat(200)}`, sourceMessageId: 'm' };
    const text = listText([aLetter({ reason })], T0);
    expect(text).toContain('🏖…');
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    expect([...(lines(text)[2] ?? '')].filter((char) => char === '🏖').length).toBeLessThan(80);
  });
});

describe('a letter as JSON', () => {
  it('says the same to a program', () => {
    expect(letterJson(aLetter(), T0 + 90 * SECOND)).toEqual({
      id: 'letter-1',
      sentAt: '2026-01-02T03:04:05.000Z',
      ageSeconds: 90,
      code: 'UNKNOWN_OBJECT',
      detail: 'no asset has the key',
      assets: [KEY],
      receiveCount: 1,
      sourceMessageId: 'm1',
    });
    expect(letterJson(aLetter({ reason: null }), T0)).toMatchObject({
      code: null,
      detail: 'received too often',
      sourceMessageId: null,
    });
  });
});

describe('a letter as text', () => {
  it('has its facts, its attributes and its body laid out', () => {
    const text = letterText(
      aLetter({ body: '{"kind":"process","generation":1}', attributes: { traceparent: '00-a' } }),
      [],
      T0 + 90 * SECOND,
    );
    expect(text).toMatch(/^id +letter-1$/m);
    expect(text).toMatch(/^sent +2026-01-02T03:04:05.000Z, 90 s ago$/m);
    expect(text).toMatch(/^received +1 times, this look included$/m);
    expect(text).toMatch(/^reason +UNKNOWN_OBJECT: no asset has the key$/m);
    expect(text).toMatch(/^was message +m1$/m);
    expect(text).toMatch(/^attribute traceparent +00-a$/m);
    expect(text).toContain('\n\n{\n  "kind": "process",\n  "generation": 1\n}');
  });

  it('says that nobody buried it, where nobody did', () => {
    const text = letterText(aLetter({ reason: null }), [], T0);
    expect(text).toMatch(/^reason +received too often$/m);
    expect(text).not.toContain('was message');
  });

  it('has the rows of its assets, with what happened to them', () => {
    const history = [
      { at: T0, step: 'init', status: 'PENDING', generation: 1 },
      { at: T0, step: 'commit', status: 'FAILED', generation: 1, code: 'CORRUPT_MEDIA' },
    ] as const;
    const row = aCompletedAsset({
      status: 'FAILED',
      failure: aFailure(),
      lastError: 'PROBE_UNAVAILABLE: gone',
      history,
    });
    const text = letterText(aLetter(), [row], T0);
    expect(text).toMatch(new RegExp(`^asset +${NAME}$`, 'm'));
    expect(text).toMatch(/^status +FAILED, generation 1, 1 attempts$/m);
    expect(text).toMatch(/^failure +CORRUPT_MEDIA: the index is cut off$/m);
    expect(text).toMatch(/^last error +PROBE_UNAVAILABLE: gone$/m);
    expect(text).toMatch(/^2026-01-02T03:04:05.000Z +commit +FAILED +1 +CORRUPT_MEDIA$/m);
    expect(rowJson(row)).toEqual({
      ...KEY,
      status: 'FAILED',
      generation: 1,
      attempts: 1,
      lastError: 'PROBE_UNAVAILABLE: gone',
      failure: aFailure(),
      history,
    });
  });

  it('shows by its number whatever could move a cursor or forge a fact', () => {
    const text = letterText(
      aLetter({
        body: EVIL,
        attributes: { name: `${EVIL}\nid  forged` },
        reason: { code: 'X', detail: EVIL, sourceMessageId: EVIL },
      }),
      [],
      T0,
    );
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    expect(text).toContain('a\\u{1b}[2Jb\\u{202e}gpj');
    expect(lines(text).filter((line) => line.startsWith('id '))).toHaveLength(1);
  });

  it.each([
    ['is not JSON', 'hello\nworld', 'hello\nworld'],
    ['is too deep to be laid out', '['.repeat(100_000) + ']'.repeat(100_000), '[[[[[['],
  ])('shows a body as it is that %s', (_what, body, shown) => {
    expect(letterText(aLetter({ body }), [], T0)).toContain(shown);
  });
});
