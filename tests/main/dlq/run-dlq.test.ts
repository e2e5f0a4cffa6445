// What `npm run dlq` does and says, over memory twins; the command itself runs as a process in tests/cloud.
import { describe, expect, it } from 'vitest';
import { MemoryDeadLetters } from '#adapters/memory/memory-dead-letters.ts';
import { gatherDeadLetters } from '#app/queries/gather-dead-letters.ts';
import { ForgeError } from '#domain/errors.ts';
import { type DlqDeps, runDlq } from '#main/dlq/run-dlq.ts';
import type { DeadLetter, DeadLetters } from '#ports/dead-letters.ts';
import type { OutgoingMessage } from '#ports/queue.ts';
import { anS3Event } from '../../support/a-message.ts';
import { anAsset, KEY } from '../../support/an-asset.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { overriding } from '../../support/overriding.ts';

const OUTAGE = new ForgeError('QUEUE_UNAVAILABLE', 'transient', 'the queue does not answer');

/** So many letters that make no sense, and everything that is said about them. */
function world(count: number, { deadLettersMax = 1000, ports = {} as Partial<DeadLetters> } = {}) {
  const there: OutgoingMessage[] = Array.from({ length: count }, (_, i) => ({ body: `body ${i}` }));
  const twin = new MemoryDeadLetters(there, { visibilitySeconds: 600 });
  const letters = overriding<DeadLetters>(twin, ports);
  const [out, warnings, counted]: [string[], string[], string[]] = [[], [], []];
  const deps: DlqDeps = {
    letters,
    assets: { get: async () => null },
    clock: new FixedClock(Date.now()),
    gather: gatherDeadLetters({ letters, limits: { deadLettersMax } }),
    redrive: async (letter) => {
      const [removed = false] = await twin.remove([letter]);
      return { reopened: [], sentBack: true, removed };
    },
    counter: { at: (_, text) => void counted.push(text), end: () => {} },
    write: (text) => void out.push(text),
    warn: (line) => void warnings.push(line),
    limits: { deadLetterConcurrency: 4, deadLetterVisibilitySeconds: 300 },
  };
  const run = (
    action: 'list' | 'show' | 'redrive' | 'drop',
    { ids, json = false, ...over }: { ids?: string[]; json?: boolean } & Partial<DlqDeps> = {},
    signal = new AbortController().signal,
  ) => runDlq({ ...deps, ...over }, { action, ids, json }, signal);
  return {
    there,
    twin,
    run,
    warnings,
    counted,
    stdout: () => out.join(''),
    rows: () => out.join('').trimEnd().split('\n').slice(2),
    json: () =>
      out
        .join('')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    /** How many are visible: nothing is left hidden. */
    visible: async () => {
      let total = 0;
      for (;;) {
        const got = await twin.receive();
        if (got.length === 0) return total;
        total += got.length;
      }
    },
    /** The ids there are, in the order of the queue. */
    ids: async () => {
      const got = await twin.receive();
      await twin.giveBack(got);
      return got.map(({ id }) => id);
    },
  };
}

describe('list', () => {
  it('shows every letter, gives all back, and says how far it is', async () => {
    const { run, rows, visible, counted, warnings } = world(25);
    expect(await run('list')).toBe(true);
    expect(rows()).toHaveLength(25);
    expect(counted).toEqual([
      'looked at 10 of about 25',
      'looked at 20 of about 25',
      'looked at 25 of about 25',
    ]);
    expect(warnings).toEqual([]);
    expect(await visible()).toBe(25);
  });

  it('is one line of JSON per letter, and nothing where there is none', async () => {
    const { run, json } = world(3);
    await run('list', { json: true });
    expect(json()).toMatchObject(Array(3).fill({ code: null, detail: 'received too often' }));
    const none = world(0);
    await none.run('list', { json: true });
    expect(none.stdout()).toBe('');
  });

  it('says so where there is none', async () => {
    const { run, stdout } = world(0);
    expect(await run('list')).toBe(true);
    expect(stdout()).toBe('No dead letters.\n');
  });

  it('says where there are more than it takes, or than are visible', async () => {
    const cut = world(25, { deadLettersMax: 20 });
    await cut.run('list');
    expect(cut.warnings).toEqual(['There are more: these are 20 of about 25.']);
    const others = world(25);
    await others.twin.receive();
    await others.run('list');
    expect(others.rows()).toHaveLength(15);
    expect(others.warnings).toEqual([expect.stringMatching(/about 25: others/)]);
  });

  it('warns of what it could not give back', async () => {
    const { run, warnings } = world(12, { ports: { giveBack: () => Promise.reject(OUTAGE) } });
    expect(await run('list')).toBe(true);
    expect(warnings).toEqual(['12 could not be given back: they are seen again within 300 s.']);
  });

  it('fails where the queue does not answer', async () => {
    const { run, stdout } = world(1, { ports: { receive: () => Promise.reject(OUTAGE) } });
    await expect(run('list')).rejects.toBe(OUTAGE);
    expect(stdout()).toBe('');
  });
});

describe('show', () => {
  it('shows one letter whole, with the row of its asset, and gives all back', async () => {
    const { run, there, ids, json, visible } = world(2);
    there[1] = { body: JSON.stringify(anS3Event()), attributes: { traceparent: '00-a' } };
    const [, id = ''] = await ids();
    const assets = { get: async () => anAsset() };
    expect(await run('show', { ids: [id], json: true, assets })).toBe(true);
    expect(json()).toMatchObject([
      {
        id,
        assets: [KEY],
        attributes: { traceparent: '00-a' },
        body: there[1].body,
        rows: [{ ...KEY, status: 'PENDING', generation: 1 }],
      },
    ]);
    expect(await visible()).toBe(2);
  });

  it('says which id is nobody’s', async () => {
    const { run, stdout, warnings, visible } = world(2);
    expect(await run('show', { ids: ['nobody\n'] })).toBe(false);
    expect(stdout()).toBe('');
    expect(warnings).toEqual([expect.stringMatching(/^There is no dead letter nobody ,/)]);
    expect(await visible()).toBe(2);
  });
});

describe('redrive', () => {
  it('sends back all of them, and says of each that it cannot be read', async () => {
    const { run, rows, there, stdout } = world(3);
    expect(await run('redrive')).toBe(true);
    expect(there).toEqual([]);
    expect(rows().slice(0, 3)).toEqual(Array(3).fill(expect.stringMatching(/–.*sent back$/)));
    expect(
      stdout().match(/it comes back unless the worker can read it now: the body/g),
    ).toHaveLength(3);
  });

  it('names the generation it opened, and promises no return', async () => {
    const { run, there, stdout, twin } = world(1);
    there[0] = { body: JSON.stringify(anS3Event()) };
    const redrive = async (letter: DeadLetter) => {
      await twin.remove([letter]);
      return { reopened: [{ ...KEY, generation: 2 }], sentBack: false, removed: true };
    };
    expect(await run('redrive', { redrive })).toBe(true);
    expect(stdout()).toContain(`${KEY.tenant}/${KEY.assetId} opened as generation 2`);
    expect(stdout()).not.toContain('comes back');
  });

  it('leaves the others alone where ids are given', async () => {
    const { run, ids, there, visible, json } = world(5);
    const [, id = ''] = await ids();
    expect(await run('redrive', { ids: [id], json: true })).toBe(true);
    expect(json()).toMatchObject([{ id, redriven: true, removed: true, sentBack: true }]);
    expect(there).toHaveLength(4);
    expect(await visible()).toBe(4);
  });

  it('gives back what fails, and goes on with the rest', async () => {
    const { run, there, visible, json, twin } = world(6);
    let calls = 0;
    const redrive = async (letter: DeadLetter) => {
      calls += 1;
      if (calls % 2 === 0) throw OUTAGE;
      await twin.remove([letter]);
      return { reopened: [], sentBack: true, removed: true };
    };
    expect(await run('redrive', { redrive, json: true })).toBe(false);
    expect(json().filter(({ failed }) => failed)).toMatchObject(
      Array(3).fill({ code: 'QUEUE_UNAVAILABLE', detail: OUTAGE.message }),
    );
    expect(there).toHaveLength(3);
    expect(await visible()).toBe(3);
  });

  it('says where a letter is in both queues now', async () => {
    const { run, stdout, visible } = world(1);
    const redrive = async () => ({ reopened: [], sentBack: true, removed: false });
    expect(await run('redrive', { redrive })).toBe(false);
    expect(stdout()).toContain('still here as well');
    expect(await visible()).toBe(1);
  });

  it('stops when it is interrupted, and gives back what it did not come to', async () => {
    const { run, there, visible, twin } = world(20);
    const stop = new AbortController();
    const redrive = async (letter: DeadLetter) => {
      await twin.remove([letter]);
      stop.abort(new ForgeError('ABORTED', 'transient', 'interrupted'));
      return { reopened: [], sentBack: true, removed: true };
    };
    expect(await run('redrive', { redrive }, stop.signal)).toBe(false);
    expect(there.length).toBeGreaterThan(10);
    expect(await visible()).toBe(there.length);
  });

  it('has nothing to do where there is none', async () => {
    const { run, stdout } = world(0);
    expect(await run('redrive')).toBe(true);
    expect(stdout()).toBe('Nothing to do.\n');
  });
});

describe('drop', () => {
  it('removes all of them, and says what there may be more', async () => {
    const { run, there, rows, warnings, visible } = world(25, { deadLettersMax: 20 });
    expect(await run('drop')).toBe(true);
    expect(rows()).toEqual(Array(20).fill(expect.stringMatching(/dropped$/)));
    expect(there).toHaveLength(5);
    expect(warnings).toEqual(['There may be more than these 20: run it again.']);
    expect(await visible()).toBe(5);
  });

  it('removes those it is told to, and says which are not there', async () => {
    const { run, ids, there, visible, warnings, json } = world(5);
    const [id = ''] = await ids();
    expect(await run('drop', { ids: [id, 'nobody'], json: true })).toBe(false);
    expect(json()).toEqual([{ id, dropped: true }]);
    expect(warnings).toEqual([expect.stringContaining('nobody')]);
    expect(there).toHaveLength(4);
    expect(await visible()).toBe(4);
  });

  it.each<[string, DeadLetters['remove'], string]>([
    ['refuses', async (some) => some.map(() => false), 'the queue did not remove it'],
    ['does not answer', () => Promise.reject(OUTAGE), 'QUEUE_UNAVAILABLE'],
  ])('gives back what it could not remove, where the queue %s', async (_what, remove, note) => {
    const { run, there, visible, stdout } = world(12, { ports: { remove } });
    expect(await run('drop')).toBe(false);
    expect(stdout().match(/ {2}failed$/gm)).toHaveLength(12);
    expect(stdout()).toContain(note);
    expect(there).toHaveLength(12);
    expect(await visible()).toBe(12);
  });
});
