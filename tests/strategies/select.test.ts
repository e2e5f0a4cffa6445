import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '#domain/media-types.ts';
import type { Strategy } from '#ports/strategy.ts';
import { selectStrategy } from '#strategies/select.ts';

const strategy = (kind: Strategy['kind']): Strategy => ({
  kind,
  analyse: () => Promise.reject(new Error('not asked')),
});
const all = (['video', 'audio', 'image'] as const).map(strategy);

describe('selectStrategy', () => {
  it.each(MEDIA_TYPES.map((type) => [type.type, type] as const))('has one for %s', (_, type) => {
    expect(selectStrategy(all, type)?.kind).toBe(type.kind);
  });

  it('has none where none was wired', () => {
    const types = MEDIA_TYPES.filter(({ kind }) => kind === 'image');
    const chosen = types.map((type) => selectStrategy([strategy('video')], type));
    expect(chosen).toEqual(types.map(() => null));
  });
});
