import { describe, expect, it } from 'vitest';
import { apiWorld, expectProblem, hashedKey, jsonOf } from '../api-kit.ts';

describe('health', () => {
  it('is live as long as the process answers', async () => {
    const world = apiWorld();
    world.state.readiness = async () => ({ store: false });
    const response = await world.request('/livez');
    expect(response.status).toBe(200);
    expect(await jsonOf(response)).toEqual({ status: 'ok' });
  });

  it('is ready when everything it depends on is well', async () => {
    const response = await apiWorld().request('/readyz');
    expect(response.status).toBe(200);
    expect(await jsonOf(response)).toEqual({ status: 'ok', checks: { store: true } });
  });

  it('is not ready when one thing is not well, and names it', async () => {
    const world = apiWorld();
    const checks = { store: false, queue: true };
    world.state.readiness = async () => checks;
    const response = await world.request('/readyz');
    expect(response.status).toBe(503);
    expect(await jsonOf(response)).toEqual({ status: 'unavailable', checks });
  });

  it('says nothing of a readiness check that breaks', async () => {
    const world = apiWorld();
    world.state.readiness = () => Promise.reject(new Error('10.0.0.7 refused'));
    const problem = await expectProblem(await world.request('/readyz'), 500, 'INTERNAL');
    expect(JSON.stringify(problem)).not.toContain('10.0.0.7');
  });

  it.each(['/livez', '/readyz'])('answers %s to everybody', async (path) => {
    const world = apiWorld({ apiKeys: [hashedKey('acme', 'key-1')] });
    expect((await world.request(path)).status).toBe(200);
  });
});
