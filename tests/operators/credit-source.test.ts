// Promises decide here, so these tests await; `settled` lets every promise that can move do so.
import { BehaviorSubject, EMPTY, NEVER, of, Subject, take, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CreditLedger } from '#operators/credit-ledger.ts';
import { type CreditDemand, creditSource } from '#operators/credit-source.ts';

/** Lets all promise reactions run that are ready. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A subscription to a source whose consumer is played by the test. */
function play(
  limit: number,
  options: {
    batchMax?: number;
    stop$?: Subject<void>;
    holdMs?: number;
    received?: (elapsedMs: number) => void;
  } = {},
) {
  const ledger = new CreditLedger(limit);
  const stop$ = options.stop$ ?? new Subject<void>();
  const seen: unknown[] = [];
  const end = Promise.withResolvers<void>();
  let demand: CreditDemand<string> | undefined;
  let signal: AbortSignal | undefined;
  const source = creditSource<string>(
    (given, givenSignal) => {
      demand = given;
      signal = givenSignal;
      return end.promise;
    },
    ledger,
    { ...options, batchMax: options.batchMax ?? 10, stop$ },
  );
  const subscription = source.subscribe({
    next: (value) => seen.push(value),
    error: (error) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  if (demand === undefined || signal === undefined) throw new Error('never consumed');
  return { ledger, stop$, seen, end, demand, signal, subscription, source };
}

/** What became of an ask so far. */
function outcome(ask: Promise<number>): { now: unknown } {
  const state: { now: unknown } = { now: 'waiting' };
  ask.then(
    (asked) => {
      state.now = asked;
    },
    (error: unknown) => {
      state.now = error;
    },
  );
  return state;
}

describe('creditSource', () => {
  it('asks for what there is room for, up to a batch', async () => {
    const { demand, ledger } = play(12);
    expect(await demand.ask()).toBe(10);
    expect(await demand.ask()).toBe(2);
    expect(ledger).toMatchObject({ free: 0, reserved: 12 });
  });

  it('never emits where nothing is delivered, and gives the room back', async () => {
    const { demand, ledger, seen } = play(10);
    demand.deliver([], await demand.ask());
    expect(seen).toEqual([]);
    expect(ledger).toMatchObject({ free: 10, reserved: 0, held: 0 });
  });

  it('emits each message of a delivery, and holds its credit until it is released', async () => {
    const { demand, ledger, seen } = play(10);
    demand.deliver(['a', 'b'], await demand.ask());
    expect(seen).toEqual(['a', 'b']);
    expect(ledger).toMatchObject({ free: 8, held: 2 });
  });

  it('emits in the order receives end, not in the order they were opened', async () => {
    const { demand, seen } = play(20);
    const [first, second] = [await demand.ask(), await demand.ask()];
    demand.deliver(['of the second'], second);
    demand.deliver(['of the first'], first);
    expect(seen).toEqual(['of the second', 'of the first']);
  });

  it('lets asks wait without room and answers them in the order they came', async () => {
    const { demand, ledger } = play(3, { batchMax: 2 });
    const asked = await demand.ask();
    demand.deliver(['a', 'b'], asked);
    demand.deliver(['c'], await demand.ask());
    const waiting = [demand.ask(), demand.ask(), demand.ask()].map(outcome);
    await settled();
    expect(waiting.map(({ now }) => now)).toEqual(['waiting', 'waiting', 'waiting']);
    ledger.release();
    await settled();
    expect(waiting.map(({ now }) => now)).toEqual([1, 'waiting', 'waiting']);
    ledger.release(2);
    await settled();
    expect(waiting.map(({ now }) => now)).toEqual([1, 2, 'waiting']);
  });

  it('keeps a new ask behind those that wait', async () => {
    const { demand, ledger } = play(0, { batchMax: 1 });
    const first = outcome(demand.ask());
    const freedOnce = ledger.freed$.subscribe(() => {
      freedOnce.unsubscribe();
      second = outcome(demand.ask());
    });
    let second = { now: 'not asked' as unknown };
    ledger.setLimit(1);
    await settled();
    expect([first.now, second.now]).toEqual([1, 'waiting']);
  });

  it('answers asks that wait when the limit grows', async () => {
    const { demand, ledger } = play(0);
    const ask = outcome(demand.ask());
    await settled();
    expect(ask.now).toBe('waiting');
    ledger.setLimit(4);
    await settled();
    expect(ask.now).toBe(4);
  });

  it('never reserves more than the ledger has, whatever is asked at once', async () => {
    const { demand, ledger } = play(7);
    for (let ask = 0; ask < 50; ask += 1) outcome(demand.ask());
    await settled();
    expect(ledger).toMatchObject({ free: 0, reserved: 7 });
  });

  it('shares a ledger with other sources', async () => {
    const { demand, ledger } = play(5);
    const other = Promise.withResolvers<number>();
    creditSource<string>(async (otherDemand) => other.resolve(await otherDemand.ask()), ledger, {
      batchMax: 10,
      stop$: NEVER,
    }).subscribe();
    expect(await other.promise).toBe(5);
    await settled();
    expect(ledger.free).toBe(5);
    expect(await demand.ask()).toBe(5);
  });

  describe('that holds partial asks', () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
    });
    const HOLD = { holdMs: 40 };
    const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

    /** A source with `held` messages in hand, of room for `limit`. */
    const busy = async (limit: number, held: number, options = {}) => {
      const playing = play(limit, { ...HOLD, ...options });
      playing.ledger.settle(playing.ledger.reserve(held), held);
      const ask = outcome(playing.demand.ask());
      await pass(0);
      return { ...playing, ask };
    };

    it('answers at once where there is room for a batch, or nothing to wait for', async () => {
      const full = await busy(20, 10);
      expect(full.ask.now).toBe(10);
      const idle = await busy(3, 0);
      expect(idle.ask.now).toBe(3);
    });

    it('waits for a batch, and then does not wait on', async () => {
      const { ask, ledger } = await busy(20, 17);
      await pass(39);
      expect(ask.now).toBe('waiting');
      ledger.release(7);
      await pass(0);
      expect(ask.now).toBe(10);
    });

    it('makes do with what there is when the hold is over', async () => {
      const { ask, ledger } = await busy(20, 17);
      await pass(20);
      ledger.release(2);
      await pass(19);
      expect(ask.now).toBe('waiting');
      await pass(1);
      expect(ask.now).toBe(5);
      expect(ledger).toMatchObject({ free: 0, reserved: 5 });
    });

    it('begins to wait when there is room at all', async () => {
      const { ask, ledger } = await busy(20, 20);
      await pass(1000);
      ledger.release();
      await pass(39);
      expect(ask.now).toBe('waiting');
      await pass(1);
      expect(ask.now).toBe(1);
    });

    it('begins to wait anew after a batch was had, and for whoever asks next', async () => {
      const { ask, ledger, demand } = await busy(20, 11);
      const next = outcome(demand.ask());
      await pass(30);
      ledger.release();
      await pass(0);
      expect(ask.now).toBe(10);
      ledger.release(4);
      await pass(39);
      expect(next.now).toBe('waiting');
      await pass(1);
      expect(next.now).toBe(4);
    });

    it('never answers with nothing, though another took the room meanwhile', async () => {
      const { ask, ledger } = await busy(20, 17);
      ledger.reserve(3);
      await pass(100);
      expect(ask.now).toBe('waiting');
      ledger.release(2);
      await pass(40);
      expect(ask.now).toBe(2);
    });

    it('waits no more once it is stopped or left', async () => {
      const stopped = await busy(20, 17);
      stopped.stop$.next();
      const left = await busy(20, 17);
      left.subscription.unsubscribe();
      expect(vi.getTimerCount()).toBe(0);
      await pass(100);
      expect([stopped.ask.now, left.ask.now]).toEqual([stopped.signal.reason, left.signal.reason]);
      expect(stopped.ledger.reserved).toBe(0);
    });

    it('tells how long each receive took that brought something', async () => {
      const received: number[] = [];
      const { demand } = play(25, { ...HOLD, received: (ms) => received.push(ms) });
      const first = await demand.ask();
      await pass(5);
      const second = await demand.ask();
      await pass(15);
      demand.deliver(['a'], first);
      await pass(10);
      demand.deliver(['b'], second);
      const empty = await demand.ask();
      await pass(20_000);
      demand.deliver([], empty);
      expect(received).toEqual([20, 25]);
    });

    it('tells receives apart by what they asked for', async () => {
      const received: number[] = [];
      const { demand } = play(14, { received: (ms) => received.push(ms) });
      const ten = await demand.ask();
      await pass(30);
      const four = await demand.ask();
      await pass(10);
      demand.deliver(['of the four'], four);
      demand.deliver(['of the ten'], ten);
      expect(received).toEqual([10, 40]);
    });
  });

  describe('when it stops', () => {
    it('rejects asks, aborts the signal, and completes when the consumer has ended', async () => {
      const { demand, signal, stop$, seen, end } = play(0);
      const ask = outcome(demand.ask());
      stop$.next();
      await settled();
      expect(ask.now).toBe(signal.reason);
      expect(signal.aborted).toBe(true);
      expect(seen).toEqual([]);
      end.resolve();
      await settled();
      expect(seen).toEqual(['complete']);
    });

    it('still emits what an open receive brings', async () => {
      const { demand, stop$, seen, end, ledger } = play(10);
      const asked = await demand.ask();
      stop$.next();
      demand.deliver(['late'], asked);
      end.resolve();
      await settled();
      expect(seen).toEqual(['late', 'complete']);
      expect(ledger).toMatchObject({ held: 1, reserved: 0 });
    });

    it('rejects whatever is asked afterwards, though there is room', async () => {
      const { demand, stop$, signal, ledger } = play(10);
      stop$.next();
      await expect(demand.ask()).rejects.toBe(signal.reason);
      expect(ledger.reserved).toBe(0);
    });

    it('stops once, however often it is told', async () => {
      const { stop$, seen, end, signal } = play(10);
      let aborts = 0;
      signal.addEventListener('abort', () => {
        aborts += 1;
      });
      stop$.next();
      stop$.next();
      stop$.complete();
      end.resolve();
      await settled();
      expect([aborts, seen]).toEqual([1, ['complete']]);
    });

    it('consumes nothing and completes where it is stopped from the start', () => {
      const seen: unknown[] = [];
      let consumed = 0;
      const consume = async () => {
        consumed += 1;
      };
      creditSource(consume, new CreditLedger(1), {
        batchMax: 1,
        stop$: new BehaviorSubject('now'),
      }).subscribe({ complete: () => seen.push('complete') });
      expect([consumed, seen]).toEqual([0, ['complete']]);
    });

    it('goes on when the stop completes without a word, and fails when it fails', async () => {
      const ledger = new CreditLedger(1);
      const seen: unknown[] = [];
      const consume = () => new Promise<void>(() => {});
      const watch = (stop$: typeof EMPTY) =>
        creditSource(consume, ledger, { batchMax: 1, stop$ }).subscribe({
          error: (error) => seen.push(error),
          complete: () => seen.push('complete'),
        });
      watch(EMPTY);
      await settled();
      expect(seen).toEqual([]);
      watch(throwError(() => 'no signal handler'));
      expect(seen).toEqual(['no signal handler']);
    });
  });

  describe('when it is left', () => {
    it('aborts, rejects asks, and gives back the room of late deliveries', async () => {
      const { demand, signal, subscription, seen, ledger } = play(10);
      const asked = await demand.ask();
      const ask = outcome(demand.ask());
      subscription.unsubscribe();
      await settled();
      expect(signal.aborted).toBe(true);
      expect(ask.now).toBe(signal.reason);
      demand.deliver(['too late'], asked);
      expect(seen).toEqual([]);
      expect(ledger).toMatchObject({ free: 10, held: 0, reserved: 0 });
    });

    it('gives back the room of what a subscriber that leaves midway did not see', async () => {
      const ledger = new CreditLedger(10);
      const seen: string[] = [];
      creditSource<string>(
        async (demand) => demand.deliver(['a', 'b', 'c'], await demand.ask()),
        ledger,
        { batchMax: 10, stop$: NEVER },
      )
        .pipe(take(1))
        .subscribe((message) => seen.push(message));
      await settled();
      expect(seen).toEqual(['a']);
      expect(ledger).toMatchObject({ held: 1, free: 9 });
    });

    it('hears nothing more of the ledger', () => {
      const { subscription, ledger, demand } = play(0);
      outcome(demand.ask());
      subscription.unsubscribe();
      ledger.setLimit(5);
      expect(ledger.reserved).toBe(0);
    });
  });

  describe('when the consumer ends', () => {
    it('completes where it resolves, and gives back what it left reserved', async () => {
      const { demand, end, seen, ledger } = play(10);
      const asked = await demand.ask();
      end.resolve();
      await settled();
      expect(seen).toEqual(['complete']);
      expect(ledger).toMatchObject({ free: 10, reserved: 0 });
      ledger.reserve(10);
      demand.deliver(['after the end'], asked);
      expect(ledger).toMatchObject({ reserved: 10, held: 0 });
    });

    it('fails where it rejects, and gives back what it left reserved', async () => {
      const { demand, end, seen, ledger, signal } = play(10);
      await demand.ask();
      const fault = new Error('unknown queue');
      end.reject(fault);
      await settled();
      expect(seen).toEqual([fault]);
      expect(ledger.free).toBe(10);
      expect(signal.aborted).toBe(true);
    });

    it('fails where it throws before it returns a promise', async () => {
      const fault = new Error('at once');
      const seen: unknown[] = [];
      creditSource(
        () => {
          throw fault;
        },
        new CreditLedger(1),
        { batchMax: 1, stop$: NEVER },
      ).subscribe({ error: (error) => seen.push(error) });
      await settled();
      expect(seen).toEqual([fault]);
    });
  });

  it.each([
    ['more than was asked for', ['a', 'b', 'c'], 2],
    ['for an ask there never was', ['a'], 3],
  ])('fails where the consumer delivers %s, and holds none of it', async (_, messages, asked) => {
    const { demand, seen, ledger } = play(2);
    await demand.ask();
    expect(() => demand.deliver(messages, asked)).not.toThrow();
    expect(seen).toEqual([expect.any(RangeError)]);
    expect(ledger.held).toBe(0);
  });

  it('lets no consumer deliver for the asks of another that shares the ledger', async () => {
    const { demand, seen, ledger } = play(10, { batchMax: 2 });
    ledger.reserve(8);
    await demand.ask();
    demand.deliver(['a', 'b', 'c'], 3);
    expect(seen).toEqual([expect.any(RangeError)]);
    expect(ledger).toMatchObject({ held: 0, reserved: 10 });
  });

  it('takes what a consumer delivers at once, inside the subscription', async () => {
    const ledger = new CreditLedger(10);
    const seen: string[] = [];
    const source = creditSource<string>(
      async (demand) => {
        const asked = demand.ask();
        demand.deliver(['a', 'b'], 10);
        await asked;
      },
      ledger,
      { batchMax: 10, stop$: NEVER },
    );
    source.subscribe((message) => seen.push(message));
    expect(seen).toEqual(['a', 'b']);
    await settled();
  });

  it('starts afresh with each subscription', async () => {
    const ledger = new CreditLedger(10);
    const source = creditSource<number>(
      async (demand) => {
        const asked = await demand.ask();
        demand.deliver([asked], asked);
      },
      ledger,
      { batchMax: 10, stop$: of<never>() },
    );
    const seen: unknown[] = [];
    const watch = () =>
      source.subscribe({ next: (v) => seen.push(v), complete: () => seen.push('complete') });
    watch();
    await settled();
    ledger.release();
    watch();
    await settled();
    expect(seen).toEqual([10, 'complete', 10, 'complete']);
  });
});
