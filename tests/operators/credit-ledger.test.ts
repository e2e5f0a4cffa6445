// Examples, then laws: random interleavings of every operation against a plain model of what is out.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CreditLedger } from '#operators/credit-ledger.ts';

function watched(limit: number): { ledger: CreditLedger; freed: () => number } {
  const ledger = new CreditLedger(limit);
  let freed = 0;
  ledger.freed$.subscribe(() => {
    freed += 1;
  });
  return { ledger, freed: () => freed };
}

/** What must be out, kept apart from the ledger. */
interface Model {
  limit: number;
  held: number;
  readonly open: number[];
}

const STEPS: readonly ((ledger: CreditLedger, model: Model, n: number) => void)[] = [
  function reserve(ledger, model, n) {
    model.open.push(ledger.reserve(n));
  },
  function settle(ledger, model, n) {
    const asked = model.open.shift() ?? 0;
    const got = Math.min(n, asked);
    ledger.settle(asked, got);
    model.held += got;
  },
  function release(ledger, model, n) {
    const released = Math.min(n, model.held);
    ledger.release(released);
    model.held -= released;
  },
  function setLimit(ledger, model, n) {
    ledger.setLimit(n);
    model.limit = n;
  },
];

describe('CreditLedger', () => {
  it('reserves up to what is asked, and no more than is free', () => {
    const ledger = new CreditLedger(12);
    expect(ledger.reserve(10)).toBe(10);
    expect(ledger.reserve(10)).toBe(2);
    expect(ledger.reserve(10)).toBe(0);
    expect(ledger).toMatchObject({ free: 0, reserved: 12, held: 0 });
  });

  it('refunds what was asked for and did not come', () => {
    const ledger = new CreditLedger(10);
    ledger.reserve(10);
    ledger.settle(10, 3);
    expect(ledger).toMatchObject({ free: 7, reserved: 0, held: 3 });
  });

  it('settles receives one by one, though several are open', () => {
    const ledger = new CreditLedger(20);
    ledger.reserve(10);
    ledger.reserve(10);
    ledger.settle(10, 0);
    expect(ledger).toMatchObject({ free: 10, reserved: 10, held: 0 });
  });

  it('frees what is released, one at a time or many', () => {
    const ledger = new CreditLedger(5);
    ledger.settle(ledger.reserve(5), 5);
    ledger.release();
    expect(ledger.free).toBe(1);
    ledger.release(4);
    expect(ledger).toMatchObject({ free: 5, held: 0 });
  });

  it('counts what was given back, ever', () => {
    const ledger = new CreditLedger(5);
    ledger.settle(ledger.reserve(5), 4);
    ledger.release(3);
    ledger.release();
    ledger.settle(ledger.reserve(2), 0);
    expect(ledger).toMatchObject({ released: 4, limit: 5 });
  });

  it('tells when room may have grown, and only then', () => {
    const { ledger, freed } = watched(2);
    ledger.reserve(2);
    ledger.settle(1, 1);
    expect(freed()).toBe(0);
    ledger.settle(1, 0);
    expect(freed()).toBe(1);
    ledger.release();
    expect(freed()).toBe(2);
    ledger.setLimit(1);
    ledger.setLimit(1);
    ledger.release(0);
    expect(freed()).toBe(2);
    ledger.setLimit(3);
    expect(freed()).toBe(3);
  });

  it('shows the new room to those it tells', () => {
    const ledger = new CreditLedger(1);
    ledger.reserve(1);
    const seen: number[] = [];
    ledger.freed$.subscribe(() => seen.push(ledger.free));
    ledger.settle(1, 0);
    expect(seen).toEqual([1]);
  });

  it('has nothing free while more is out than a limit that shrank', () => {
    const ledger = new CreditLedger(10);
    ledger.settle(ledger.reserve(10), 10);
    ledger.setLimit(4);
    expect([ledger.free, ledger.reserve(10)]).toEqual([0, 0]);
    ledger.release(6);
    expect(ledger.free).toBe(0);
    ledger.release();
    expect(ledger.free).toBe(1);
  });

  it('closes the intake at limit zero and opens it again', () => {
    const ledger = new CreditLedger(0);
    expect(ledger.reserve(10)).toBe(0);
    ledger.setLimit(1);
    expect(ledger.reserve(10)).toBe(1);
  });

  it.each<[string, (ledger: CreditLedger) => void]>([
    ['a settle of more than is reserved', (ledger) => ledger.settle(4, 0)],
    ['more messages than were asked for', (ledger) => ledger.settle(2, 3)],
    ['a negative delivery', (ledger) => ledger.settle(2, -1)],
    ['a release of what is not held', (ledger) => ledger.release()],
    ['a negative release', (ledger) => ledger.release(-1)],
    ['half a reservation', (ledger) => ledger.reserve(0.5)],
    ['a negative reservation', (ledger) => ledger.reserve(-1)],
    ['a limit that is no number', (ledger) => ledger.setLimit(Number.NaN)],
    ['an endless limit', (ledger) => ledger.setLimit(Number.POSITIVE_INFINITY)],
  ])('throws on %s, and changes nothing', (_, misuse) => {
    const ledger = new CreditLedger(3);
    ledger.reserve(3);
    expect(() => misuse(ledger)).toThrow(RangeError);
    expect(ledger).toMatchObject({ free: 0, reserved: 3, held: 0 });
  });

  it('refuses to be made with a limit that is no count', () => {
    expect(() => new CreditLedger(-1)).toThrow(RangeError);
  });

  it('never has more out than its limit, in any interleaving, and loses no credit', () => {
    const step = fc.tuple(fc.constantFrom(...STEPS), fc.nat(20));
    fc.assert(
      fc.property(fc.nat(40), fc.array(step, { maxLength: 80 }), (limit, steps) => {
        const { ledger, freed } = watched(limit);
        const model: Model = { limit, held: 0, open: [] };
        for (const [take, n] of steps) {
          const before = { free: ledger.free, freed: freed(), out: ledger.held + ledger.reserved };
          take(ledger, model, n);
          const reserved = model.open.reduce((sum, asked) => sum + asked, 0);
          const out = model.held + reserved;
          expect(ledger).toMatchObject({ held: model.held, reserved });
          expect(ledger.free).toBe(Math.max(0, model.limit - out));
          // Over the limit only where it shrank, and then nothing more goes out.
          expect(out).toBeLessThanOrEqual(Math.max(model.limit, before.out));
          // Whoever waits for room hears of it.
          expect(ledger.free > before.free && freed() === before.freed).toBe(false);
        }
      }),
    );
  });
});
