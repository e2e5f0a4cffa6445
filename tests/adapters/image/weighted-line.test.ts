import { describe, expect, it } from 'vitest';
import { WeightedLine } from '#adapters/image/weighted-line.ts';

const { signal } = new AbortController();

/** A line of ten, and works that last until they are let go. */
function line() {
  const its = new WeightedLine(10);
  const inside: string[] = [];
  const enter = (name: string, weight: number, until = signal) => {
    const gate = Promise.withResolvers<void>();
    const done = its.run(weight, until, async () => {
      inside.push(name);
      await gate.promise;
      inside.splice(inside.indexOf(name), 1);
      return name;
    });
    return { done, leave: gate.resolve, fail: gate.reject };
  };
  return { inside, enter };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('WeightedLine', () => {
  it('lets in what it can bear, in order, and answers with what comes of it', async () => {
    const { inside, enter } = line();
    const [a, , c, d] = [enter('a', 6), enter('b', 4), enter('c', 5), enter('d', 1)];
    await settled();
    expect(inside).toEqual(['a', 'b']);
    a.leave();
    expect(await a.done).toBe('a');
    await settled();
    // The light one did not pass the heavy one by.
    expect(inside).toEqual(['b', 'c', 'd']);
    c.leave();
    d.leave();
    expect(await Promise.all([c.done, d.done])).toEqual(['c', 'd']);
  });

  it('lets one that is too heavy in alone', async () => {
    const { inside, enter } = line();
    const [a, b] = [enter('a', 1), enter('b', 11)];
    await settled();
    expect(inside).toEqual(['a']);
    a.leave();
    await a.done;
    await settled();
    expect(inside).toEqual(['b']);
    b.leave();
    await b.done;
  });

  it('makes room after a failure too', async () => {
    const { inside, enter } = line();
    const [a, b] = [enter('a', 10), enter('b', 10)];
    const failed = expect(a.done).rejects.toThrow('broken');
    a.fail(new Error('broken'));
    await failed;
    await settled();
    expect(inside).toEqual(['a', 'b']);
    b.leave();
    await b.done;
  });

  it('keeps no place for whoever leaves', async () => {
    const { inside, enter } = line();
    const controller = new AbortController();
    const reason = new Error('lost the lease');
    const [a, b, c] = [enter('a', 6), enter('b', 10, controller.signal), enter('c', 4)];
    const left = expect(b.done).rejects.toBe(reason);
    controller.abort(reason);
    await left;
    await settled();
    expect(inside).toEqual(['a', 'c']);
    a.leave();
    c.leave();
    await Promise.all([a.done, c.done]);
    await expect(enter('d', 1, controller.signal).done).rejects.toBe(reason);
  });
});
