import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Circuit } from '#ports/circuit.ts';

/** What the service behind a circuit does with a call. `silent`: nothing at all, until the caller leaves. */
export type Conduct = 'well' | 'down' | 'refuses' | 'throttles' | 'silent';

export interface OpenedCircuit {
  readonly circuit: Circuit;
  /** Faults in a row that open it. */
  readonly failuresMax: number;
  /** The longest that it waits after so many trials have failed. */
  readonly waitMsMax: (trials: number) => number;
  behave(conduct: Conduct): void;
  call(signal?: AbortSignal): Promise<unknown>;
  /** Calls that reached the service. */
  readonly calls: () => number;
  /** Resolves when so many have. */
  readonly untilCalls: (calls: number) => Promise<void>;
  elapse(ms: number): void;
  close(): Promise<void>;
}

/** Proves the prose of the `Circuit` port on whatever `open` opens. */
export function circuitContract(name: string, open: () => Promise<OpenedCircuit>): void {
  describe(`${name} keeps the Circuit contract`, () => {
    let opened: OpenedCircuit;
    let circuit: Circuit;
    beforeEach(async () => {
      opened = await open();
      circuit = opened.circuit;
    });
    afterEach(() => opened.close());

    /** Calls that all fail, one after the other. */
    const fail = async (times: number) => {
      for (let call = 0; call < times; call += 1) await expect(opened.call()).rejects.toThrow();
    };
    const breakIt = async () => {
      opened.behave('down');
      await fail(opened.failuresMax);
    };
    /** A call that its caller leaves once it is under way. */
    const leave = async () => {
      const before = opened.calls();
      const controller = new AbortController();
      const call = opened.call(controller.signal);
      const left = expect(call).rejects.toThrow();
      await opened.untilCalls(before + 1);
      controller.abort();
      await left;
    };

    it('admits all while the service is well', async () => {
      for (let call = 0; call < 10; call += 1) await opened.call();
      expect(circuit).toMatchObject({ admits: 'all', throttles: 0, failures: 0 });
      expect(opened.calls()).toBe(10);
    });

    it('opens with the last of so many faults in a row, and not before', async () => {
      opened.behave('down');
      await fail(opened.failuresMax - 1);
      expect(circuit.admits).toBe('all');
      await fail(1);
      expect(circuit).toMatchObject({ admits: 'none', failures: opened.failuresMax });
    });

    it('lets nothing out while it is open, and counts nothing', async () => {
      await breakIt();
      opened.behave('well');
      await fail(10);
      expect(opened.calls()).toBe(opened.failuresMax);
      expect(circuit).toMatchObject({ admits: 'none', failures: opened.failuresMax });
    });

    it.each(['well', 'refuses', 'throttles'] as const)(
      'begins to count anew when the service answers: %s',
      async (answer) => {
        for (let round = 0; round < 3; round += 1) {
          opened.behave('down');
          await fail(opened.failuresMax - 1);
          opened.behave(answer);
          await opened.call().catch(() => undefined);
        }
        expect(circuit.admits).toBe('all');
      },
    );

    it('opens for no refusal', async () => {
      opened.behave('refuses');
      await fail(4 * opened.failuresMax);
      expect(circuit).toMatchObject({ admits: 'all', throttles: 0, failures: 0 });
    });

    it('opens for no throttle, and counts it', async () => {
      opened.behave('throttles');
      await fail(4 * opened.failuresMax);
      expect(circuit).toMatchObject({
        admits: 'all',
        throttles: 4 * opened.failuresMax,
        failures: 0,
      });
    });

    it('opens for no call that was left', async () => {
      opened.behave('silent');
      for (let call = 0; call < 2 * opened.failuresMax; call += 1) await leave();
      expect(circuit).toMatchObject({ admits: 'all', failures: 0 });
    });

    it('takes a call that was left for no sign of life', async () => {
      opened.behave('down');
      await fail(opened.failuresMax - 1);
      opened.behave('silent');
      await leave();
      opened.behave('down');
      await fail(1);
      expect(circuit.admits).toBe('none');
    });

    it('admits one call after the wait, and all once that has succeeded', async () => {
      await breakIt();
      opened.elapse(opened.waitMsMax(0));
      expect(circuit.admits).toBe('one');
      opened.behave('well');
      await opened.call();
      expect(circuit.admits).toBe('all');
      await opened.call();
      expect(opened.calls()).toBe(opened.failuresMax + 2);
    });

    it.each(['refuses', 'throttles'] as const)(
      'takes a trial that is answered for a success: %s',
      async (answer) => {
        await breakIt();
        opened.elapse(opened.waitMsMax(0));
        opened.behave(answer);
        await fail(1);
        expect(circuit.admits).toBe('all');
      },
    );

    it('makes no second call while a trial is under way, and lets none wait', async () => {
      await breakIt();
      opened.elapse(opened.waitMsMax(0));
      opened.behave('silent');
      const controller = new AbortController();
      const trial = expect(opened.call(controller.signal)).rejects.toThrow();
      await opened.untilCalls(opened.failuresMax + 1);
      await fail(3);
      expect(circuit.admits).toBe('one');
      expect(opened.calls()).toBe(opened.failuresMax + 1);
      controller.abort();
      await trial;
    });

    it('waits longer each time a trial fails', async () => {
      await breakIt();
      for (const trials of [0, 1, 2]) {
        opened.elapse(opened.waitMsMax(trials));
        expect(circuit.admits).toBe('one');
        await fail(1);
        expect(circuit.admits).toBe('none');
        // Less than half of the next wait, in any case.
        opened.elapse(opened.waitMsMax(trials) / 2);
        expect(circuit.admits).toBe('none');
      }
      expect(circuit.failures).toBe(opened.failuresMax + 3);
    });

    it('stays open when a trial was left', async () => {
      await breakIt();
      opened.elapse(opened.waitMsMax(0));
      opened.behave('silent');
      await leave();
      expect(circuit).toMatchObject({ admits: 'none', failures: opened.failuresMax });
    });
  });
}
