import { describe, expect, it } from 'vitest';
import { crashingObjects } from '#main/crashing-objects.ts';
import type { ObjectStore } from '#ports/object-store.ts';
import { overriding } from '../support/overriding.ts';

const DERIVED = 'derived/acme/0198c0de/1/poster.jpg';

/** What happens, in order, in a store that crashes there. */
function crashing(when: 'before' | 'after', stage: 'derivative' | 'commit' = 'derivative') {
  const events: string[] = [];
  const real = overriding({} as ObjectStore, {
    put: async (key) => {
      events.push(`put ${key}`);
    },
    head: async (key) => {
      events.push(`head ${key}`);
      return null;
    },
  });
  const objects = crashingObjects(real, { when, stage }, () => events.push('crash'));
  return {
    events,
    put: (key: string) => objects.put(key, new Uint8Array(), 'image/jpeg'),
    objects,
  };
}

describe('crashingObjects', () => {
  it.each([
    ['before', ['crash', `put ${DERIVED}`]],
    ['after', [`put ${DERIVED}`, 'crash']],
  ] as const)('crashes %s a derivative is put', async (when, expected) => {
    const { events, put } = crashing(when);
    await put(DERIVED);
    expect(events).toEqual(expected);
  });

  it.each(['before', 'after'] as const)('does not crash %s anything else', async (when) => {
    const { events, put, objects } = crashing(when);
    await put('uploads/acme/0198c0de/source');
    await objects.head(DERIVED);
    const other = crashing(when, 'commit');
    await other.put(DERIVED);
    expect([...events, ...other.events]).not.toContain('crash');
    expect(events).toEqual(['put uploads/acme/0198c0de/source', `head ${DERIVED}`]);
  });

  it('does not crash after a put that failed', async () => {
    const events: string[] = [];
    const failing = overriding({} as ObjectStore, { put: () => Promise.reject(new Error('no')) });
    const objects = crashingObjects(failing, { when: 'after', stage: 'derivative' }, () =>
      events.push('crash'),
    );
    await expect(objects.put(DERIVED, new Uint8Array(), 'image/jpeg')).rejects.toThrow('no');
    expect(events).toEqual([]);
  });
});
