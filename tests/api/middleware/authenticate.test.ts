import { describe, expect, it } from 'vitest';
import { KEY } from '../../support/an-asset.ts';
import { apiWorld, expectProblem, hashedKey, REQUEST } from '../api-kit.ts';

const LONGEST = 'k'.repeat(512);
const KEYS = [
  hashedKey('acme', 'key-1'),
  hashedKey('acme', 'key-2'),
  hashedKey('globex', 'key-3'),
  hashedKey('umbrella', LONGEST),
  hashedKey('umbrella', `${LONGEST}k`),
];

/** The tenant whose row an init with this header writes. */
async function tenantOf(authorization: string): Promise<string | undefined> {
  const world = apiWorld({ apiKeys: KEYS });
  const response = await world.init(REQUEST, { authorization });
  const { id } = (await response.json()) as { id: string };
  for (const tenant of ['default', 'acme', 'globex', 'umbrella']) {
    if (await world.assets.get({ tenant, assetId: id })) return tenant;
  }
  return undefined;
}

describe('authentication', () => {
  it.each([
    ['the first key', 'Bearer key-1', 'acme'],
    ['another key of the tenant', 'Bearer key-2', 'acme'],
    ['a key of another tenant', 'Bearer key-3', 'globex'],
    ['the scheme in lower case', 'bearer key-1', 'acme'],
    ['the scheme in upper case', 'BEARER key-1', 'acme'],
    ['the longest key', `Bearer ${LONGEST}`, 'umbrella'],
  ])('knows the tenant of %s', async (_, authorization, tenant) => {
    expect(await tenantOf(authorization)).toBe(tenant);
  });

  it.each<[string, string | undefined]>([
    ['no header', undefined],
    ['an empty header', ''],
    ['an unknown key', 'Bearer key-4'],
    ['a key in another case', 'Bearer KEY-1'],
    ['the beginning of a key', 'Bearer key-'],
    ['a key and more', 'Bearer key-1x'],
    ['no key', 'Bearer '],
    ['a key without its scheme', 'key-1'],
    ['another scheme', 'Basic key-1'],
    ['two spaces', 'Bearer  key-1'],
    ['two keys', 'Bearer key-1, Bearer key-2'],
    ['the hash of a key', `Bearer ${KEYS[0]?.sha256}`],
    ['a character past ASCII', 'Bearer key-1\u00e9'],
    ['a very long header', `Bearer ${'k'.repeat(60_000)}`],
    ['a key that is one character too long', `Bearer ${LONGEST}k`],
  ])('refuses %s, and touches nothing', async (_, authorization) => {
    const world = apiWorld({ apiKeys: KEYS });
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    for (const response of [
      await world.init(REQUEST, headers),
      await world.request(`/api/videos/${KEY.assetId}`, { headers }),
    ]) {
      const problem = await expectProblem(response, 401, 'UNAUTHORIZED');
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      const key = authorization?.replace('Bearer ', '');
      if (key) expect(JSON.stringify(problem)).not.toContain(key);
    }
    expect(world.assets.calls).toEqual([]);
    expect(world.logged).toEqual([]);
  });

  it('does not take a missing key for an empty one that was hashed by accident', async () => {
    const world = apiWorld({ apiKeys: [hashedKey('acme', '')] });
    await expectProblem(await world.init(), 401, 'UNAUTHORIZED');
  });

  it('lets nobody in where the list of keys is empty', async () => {
    const world = apiWorld({ apiKeys: [] });
    await expectProblem(await world.init(), 401, 'UNAUTHORIZED');
  });

  it('comes before everything that a stranger could learn', async () => {
    const world = apiWorld({ apiKeys: KEYS });
    await expectProblem(await world.init('{'), 401, 'UNAUTHORIZED');
    await expectProblem(await world.request('/api/secret'), 401, 'UNAUTHORIZED');
    const wrongMethod = await world.request('/api/videos/init', { method: 'PUT' });
    await expectProblem(wrongMethod, 401, 'UNAUTHORIZED');
  });

  it('is off without keys: everybody is one tenant, whatever they bring', async () => {
    const world = apiWorld();
    const response = await world.init(REQUEST, { authorization: 'Bearer whatever' });
    const { id } = (await response.json()) as { id: string };
    expect(await world.assets.get({ tenant: 'default', assetId: id })).not.toBeNull();
  });
});
