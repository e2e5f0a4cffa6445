import { describe, expect, it } from 'vitest';
import { PollGate } from '#adapters/aws/poll-gate.ts';

const BACKOFF = { baseMs: 200, capMs: 20_000, random: () => 0.5 };

const open = () => {
  const stop = new AbortController();
  const gate = new PollGate(BACKOFF, stop.signal);
  const turns: string[] = [];
  const turn = async (name: string) => {
    turns.push((await gate.turn()) ? name : `${name} dismissed`);
  };
  /** Lets promises that are settled be heard. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { gate, stop, turn, turns, settle };
};

describe('PollGate', () => {
  it('lets one consumer poll at a time before it knows anything', async () => {
    const { gate, turn, turns, settle } = open();
    void turn('a');
    void turn('b');
    await settle();
    expect(turns).toEqual(['a']);
    gate.leave();
    await settle();
    expect(turns).toEqual(['a', 'b']);
  });

  it('lets everybody poll while messages come, and one again after an empty receive', async () => {
    const { gate, turn, turns, settle } = open();
    void turn('a');
    void turn('b');
    void turn('c');
    await settle();
    gate.received(10, 10);
    await settle();
    expect(turns).toEqual(['a', 'b', 'c']);
    gate.received(0, 10);
    gate.leave();
    void turn('d');
    await settle();
    expect(turns).toEqual(['a', 'b', 'c']);
    gate.leave();
    gate.leave();
    await settle();
    expect(turns).toEqual(['a', 'b', 'c', 'd']);
  });

  it('opens no second receive of a queue that ran empty while room was asked for', async () => {
    const { gate, turn, settle } = open();
    void turn('a');
    void turn('b');
    gate.received(10, 10);
    await settle();
    gate.received(0, 10);
    expect(gate.open()).toBe(true);
    expect(gate.open()).toBe(false);
    gate.close();
    expect(gate.open()).toBe(true);
  });

  it.each([
    ['all that was asked for', 3, 3, true],
    ['half of it', 5, 10, true],
    ['less than half', 4, 10, false],
    ['nothing', 0, 10, false],
  ])('opens several receives at once after one that brought %s: %#', (_, got, asked, several) => {
    const { gate } = open();
    gate.received(got, asked);
    expect([gate.open(), gate.open(), gate.open()]).toEqual([true, several, several]);
  });

  it('waits longer with every failure, up to the cap, and never less than the base', () => {
    const { gate } = open();
    const delays = Array.from({ length: 12 }, () => gate.failed(gate.failures));
    expect(delays.slice(0, 4)).toEqual([300, 500, 900, 1700]);
    expect(delays.at(-1)).toBe(10_100);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(200);
  });

  it('counts receives that fail together once', () => {
    const { gate } = open();
    const before = gate.failures;
    gate.failed(before);
    gate.failed(before);
    expect(gate.failures).toBe(1);
  });

  it('forgets failures with the first receive that succeeds', () => {
    const { gate } = open();
    gate.failed(0);
    gate.received(0, 10);
    expect(gate.failures).toBe(0);
    expect(gate.failed(0)).toBe(300);
  });

  it('dismisses whoever waits when the signal aborts, and whoever comes later', async () => {
    const { stop, turn, turns, settle } = open();
    void turn('a');
    void turn('b');
    await settle();
    stop.abort();
    void turn('c');
    await settle();
    expect(turns.toSorted()).toEqual(['a', 'b dismissed', 'c dismissed']);
  });
});
