import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assetName,
  DERIVED_PREFIX,
  derivedKey,
  derivedPrefix,
  derivedToken,
  isAssetId,
  parseSourceKey,
  sourceKey,
  TENANT_PATTERN,
  UPLOADS_PREFIX,
} from '#domain/keys.ts';
import { KEY } from '../support/an-asset.ts';

const tenants = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/);
const assetKeys = fc.record({ tenant: tenants, assetId: fc.uuid() });

describe('object keys', () => {
  it('put a source under its tenant and asset, without the file name', () => {
    expect(sourceKey(KEY)).toBe(`uploads/acme/${KEY.assetId}/source`);
  });

  it('put derivatives under the fencing token, so that workers never meet', () => {
    expect(derivedKey(KEY, 3, 'poster.jpg')).toBe(`derived/acme/${KEY.assetId}/3/poster.jpg`);
  });

  it('put all derivatives of an asset, and no other’s, under one prefix', () => {
    expect(derivedPrefix(KEY)).toBe(`derived/acme/${KEY.assetId}/`);
    fc.assert(
      fc.property(assetKeys, assetKeys, fc.integer({ min: 1 }), (ours, theirs, token) => {
        const isOurs = derivedKey(theirs, token, 'x').startsWith(derivedPrefix(ours));
        expect(isOurs).toBe(ours.tenant === theirs.tenant && ours.assetId === theirs.assetId);
      }),
    );
  });

  it('say under whose token a derivative was made', () => {
    fc.assert(
      fc.property(assetKeys, fc.integer({ min: 1 }), fc.string(), (key, token, name) => {
        expect(derivedToken(derivedKey(key, token, name))).toBe(token);
      }),
    );
  });

  it.each([
    ['a source', sourceKey(KEY)],
    ['another root', `uploads/acme/${KEY.assetId}/3/poster.jpg`],
    ['no name', `${derivedPrefix(KEY)}3`],
    ['no token', `${derivedPrefix(KEY)}poster.jpg`],
    ['a token that is no number', `${derivedPrefix(KEY)}3a/poster.jpg`],
    ['a token of 0', `${derivedPrefix(KEY)}0/poster.jpg`],
    ['a negative token', `${derivedPrefix(KEY)}-3/poster.jpg`],
  ])('tell no token of %s', (_what, key) => {
    expect(derivedToken(key)).toBeNull();
  });

  it('keep what is uploaded apart from what is made of it', () => {
    expect(sourceKey(KEY).startsWith(UPLOADS_PREFIX)).toBe(true);
    expect(derivedKey(KEY, 1, 'x').startsWith(DERIVED_PREFIX)).toBe(true);
    expect(UPLOADS_PREFIX).not.toBe(DERIVED_PREFIX);
  });

  it('are read back as what they were made of', () => {
    fc.assert(
      fc.property(assetKeys, (key) => {
        expect(parseSourceKey(sourceKey(key))).toEqual(key);
      }),
    );
  });

  it('are read only where they are spelt as written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const key = parseSourceKey(text);
        expect(key === null || sourceKey(key) === text).toBe(true);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['the prefix alone', 'uploads/'],
    ['another prefix', `derived/acme/${KEY.assetId}/source`],
    ['a leading slash', `/uploads/acme/${KEY.assetId}/source`],
    ['another leaf', `uploads/acme/${KEY.assetId}/thumb`],
    ['no leaf', `uploads/acme/${KEY.assetId}`],
    ['a trailing slash', `uploads/acme/${KEY.assetId}/source/`],
    ['one level more', `uploads/acme/x/${KEY.assetId}/source`],
    ['no tenant', `uploads//${KEY.assetId}/source`],
    ['a tenant in capitals', `uploads/Acme/${KEY.assetId}/source`],
    ['a way up', `uploads/../${KEY.assetId}/source`],
    ['an id in capitals', `uploads/acme/${KEY.assetId.toUpperCase()}/source`],
    ['an id that is none', 'uploads/acme/1/source'],
    ['a line feed at the end', `uploads/acme/${KEY.assetId}/source\n`],
    ['a line feed in the tenant', `uploads/acme\n/${KEY.assetId}/source`],
    ['an encoded slash', `uploads/acme%2F${KEY.assetId}/source`],
  ])('of a source are not %s', (_, text) => {
    expect(parseSourceKey(text)).toBeNull();
  });
});

describe('asset ids', () => {
  it('are lower-case UUIDs', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(isAssetId(id)).toBe(true);
      }),
    );
  });

  it.each([
    '',
    'x',
    KEY.assetId.toUpperCase(),
    `${KEY.assetId}0`,
    ` ${KEY.assetId}`,
    `${KEY.assetId}\n`,
  ])('are not %j', (text) => {
    expect(isAssetId(text)).toBe(false);
  });
});

describe('tenants', () => {
  it.each(['a', '0', 'acme', 'acme-eu_1', 'a'.repeat(63)])('may be called %s', (text) => {
    expect(TENANT_PATTERN.test(text)).toBe(true);
  });

  it.each(['', '-a', '_a', 'A', 'a b', 'a/b', 'a.b', 'ä', 'a\n', 'a'.repeat(64)])(
    'may not be called %j',
    (text) => {
      expect(TENANT_PATTERN.test(text)).toBe(false);
    },
  );
});

describe('the name of an asset', () => {
  it('tells any two assets apart', () => {
    fc.assert(
      fc.property(assetKeys, assetKeys, (a, b) => {
        const same = a.tenant === b.tenant && a.assetId === b.assetId;
        expect(assetName(a) === assetName(b)).toBe(same);
      }),
    );
  });

  it('is one text of both parts', () => {
    expect(assetName(KEY)).toBe(`acme/${KEY.assetId}`);
  });
});
