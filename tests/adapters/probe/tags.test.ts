import { describe, expect, it } from 'vitest';
import { cleanTags } from '#adapters/probe/tags.ts';

describe('cleanTags', () => {
  it('keeps what says something', () => {
    expect(cleanTags({ title: ' A  song\n', artist: '', album: null, trackNumber: 3 })).toEqual({
      title: 'A song',
      trackNumber: '3',
    });
  });

  it('keeps no control characters, and nothing that only looks like text', () => {
    const comment =
      'x\u0001\u001b[31m"\\ </script><img onerror=1> \u202e\ufeff\ud800 {jndi:ldap://x} %n';
    expect(cleanTags({ comment })).toEqual({
      comment: 'x [31m"\\ </script><img onerror=1> {jndi:ldap://x} %n',
    });
  });

  it('keeps every letter whole, emoji included', () => {
    const family = '\u{1f469}\u200d\u{1f467}';
    expect(cleanTags({ title: family })).toEqual({ title: family });
    const title = cleanTags({ title: '\u{1f469}'.repeat(600) })['title'] ?? '';
    expect([...title]).toEqual(new Array(500).fill('\u{1f469}'));
  });

  it('keeps nothing that is not on the list', () => {
    const raw = { title: 'T', __proto__: { secret: 'S' }, lyrics: 'L' };
    expect(cleanTags(raw)).toEqual({ title: 'T' });
  });

  it('takes no longer for a long text', () => {
    const start = performance.now();
    cleanTags({ comment: '\u0000a'.repeat(10_000_000) });
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
