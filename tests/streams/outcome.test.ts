import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErrorKind, ForgeError } from '#domain/errors.ts';
import { busySeconds, delaySeconds, type Outcome, outcomeOf, worstOf } from '#streams/outcome.ts';

const done: Outcome = { kind: 'done', why: 'COMPLETED' };
const dead: Outcome = { kind: 'dead', code: 'MALFORMED_MESSAGE', detail: 'no JSON' };
const busy: Outcome = { kind: 'busy', afterSeconds: 3 };
const retry: Outcome = { kind: 'retry', afterSeconds: 7, code: 'STORE_UNAVAILABLE' };
const drop: Outcome = { kind: 'drop', code: 'LEASE_LOST' };

const fromBestToWorst = [done, dead, busy, retry, drop];

describe('the worst of several outcomes', () => {
  it('is the last in the order done, dead, busy, retry, drop', () => {
    for (const [at, worse] of fromBestToWorst.entries()) {
      for (const better of fromBestToWorst.slice(0, at + 1)) {
        expect(worstOf([better, worse])).toBe(worse);
        expect(worstOf([worse, better])).toBe(worse);
      }
    }
  });

  it('does not depend on the order they come in', () => {
    const outcomes = fc.array(fc.constantFrom(...fromBestToWorst), { minLength: 1 });
    fc.assert(
      fc.property(outcomes, (some) => {
        expect(worstOf(some)).toBe(worstOf(some.toReversed()));
        expect(some).toContain(worstOf(some));
      }),
    );
  });

  it('is the first of equals', () => {
    const longer: Outcome = { kind: 'busy', afterSeconds: 99 };
    expect(worstOf([busy, longer])).toBe(busy);
  });

  it('is done where there is none', () => {
    expect(worstOf([])).toEqual({ kind: 'done', why: 'no record' });
  });
});

describe('the wait before another try', () => {
  const backoff = (chance: number) => ({
    baseSeconds: 2,
    capSeconds: 900,
    leaseSeconds: 45,
    random: () => chance,
  });

  it('doubles its ceiling with each try, up to the cap', () => {
    const almost = backoff(0.999_999);
    const waits = [1, 2, 3, 4, 9, 10, 1000].map((tries) => delaySeconds(almost, tries));
    expect(waits).toEqual([2, 4, 8, 16, 512, 900, 900]);
  });

  it('is anything up to the ceiling, so that those who failed together come back apart', () => {
    expect(delaySeconds(backoff(0.5), 5)).toBe(16);
    expect(delaySeconds(backoff(0.25), 5)).toBe(8);
  });

  it('is a whole number of seconds that SQS takes, whatever the chance and the tries', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: -5, max: 10_000 }),
        (chance, tries) => {
          const seconds = delaySeconds(backoff(chance), tries);
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(1);
          expect(seconds).toBeLessThanOrEqual(900);
        },
      ),
    );
  });
});

describe("the wait before another look at an asset in somebody's hands", () => {
  const almost = { baseSeconds: 2, capSeconds: 900, leaseSeconds: 45, random: () => 0.999_999 };

  it('is no longer than a lease at first, because a holder may have died', () => {
    expect([1, 2, 5, 6, 20].map((looks) => busySeconds(almost, looks))).toEqual([2, 4, 32, 45, 45]);
  });

  it('is long for those who come again and again, because the work is', () => {
    expect(busySeconds(almost, 21)).toBe(900);
  });
});

describe('the outcome of an error', () => {
  const code = 'ACCESS_DENIED';
  const error = (kind: ErrorKind) => new ForgeError(code, kind, 'no');

  it.each<[ErrorKind, Outcome]>([
    ['transient', { kind: 'retry', afterSeconds: 9, code }],
    ['permanent', { kind: 'dead', code, detail: 'no' }],
    ['conflict', { kind: 'drop', code }],
  ])('that is %s', (kind, outcome) => {
    expect(outcomeOf(error(kind), 9)).toStrictEqual(outcome);
  });

  it('that nobody meant to throw is another try', () => {
    expect(outcomeOf(new TypeError('bug'), 9)).toEqual({
      kind: 'retry',
      afterSeconds: 9,
      code: 'INTERNAL',
    });
  });
});
