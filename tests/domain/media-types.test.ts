import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES, mediaTypeOf } from '#domain/media-types.ts';

const names = MEDIA_TYPES.flatMap(({ type, aliases }) => [type, ...aliases]);

describe('the table of media types', () => {
  it('spells every name once, in lower case and without parameters', () => {
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
  });

  it('has a reader and at least one container for every type', () => {
    for (const { kind, containers } of MEDIA_TYPES) {
      expect(['video', 'audio', 'image']).toContain(kind);
      expect(containers.length).toBeGreaterThan(0);
      expect(new Set(containers).size).toBe(containers.length);
    }
  });

  it('reads every type by the strategy it is named for', () => {
    for (const { type, kind } of MEDIA_TYPES) expect(type.split('/')[0]).toBe(kind);
  });
});

describe('a declared media type', () => {
  it('finds its row by its name and by every alias', () => {
    for (const row of MEDIA_TYPES) {
      for (const name of [row.type, ...row.aliases]) expect(mediaTypeOf(name)).toBe(row);
    }
  });

  it('is the same in any letter case, with spaces around it and parameters behind it', () => {
    const spellings = fc.record({
      name: fc.constantFrom(...names),
      upper: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
      spaces: fc.stringMatching(/^[ \t]{0,3}$/),
      parameters: fc.constantFrom('', ';', '; codecs="avc1.64001f, mp4a.40.2"', ';charset=UTF-8'),
    });
    fc.assert(
      fc.property(spellings, ({ name, upper, spaces, parameters }) => {
        const cased = [...name].map((c, i) => (upper[i] ? c.toUpperCase() : c)).join('');
        expect(mediaTypeOf(`${spaces}${cased}${spaces}${parameters}`)).toBe(mediaTypeOf(name));
      }),
    );
  });

  it.each([
    ['video/x-m4v', 'video/mp4'],
    ['AUDIO/X-M4A', 'audio/mp4'],
    ['image/jpg', 'image/jpeg'],
    ['audio/x-wav', 'audio/wav'],
  ])('%s is stored as %s', (declared, stored) => {
    expect(mediaTypeOf(declared)?.type).toBe(stored);
  });

  it.each([
    '',
    ';',
    'video',
    'video/',
    'video/*',
    '*/*',
    'video/mp4,video/webm',
    'video/mp4 x',
    'application/octet-stream',
    'application/vnd.apple.mpegurl',
    'application/dash+xml',
    'image/svg+xml',
    'text/html',
    'constructor',
    '__proto__',
  ])('is refused where it is %j', (declared) => {
    expect(mediaTypeOf(declared)).toBeNull();
  });
});
