// Everything is down when the halves start: they wait, and work once it is up, on the ports they were told of.

import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { Processes } from '../support/processes.ts';
import type { Initiated } from '../support/stack.ts';

const processes = new Processes();
afterEach(() => processes.end());

const PATIENCE_MS = 90_000;
const EVENTUALLY = { timeout: 50_000, interval: 50 };

/** Where a cloud will be, and the state it will have: its keys are known once it has run. */
async function cloudToCome() {
  const dataDir = await processes.directory();
  const [s3, messaging, dynamodb] = [await freePort(), await freePort(), await freePort()];
  const flags = [`--s3-port=${s3}`, `--messaging-port=${messaging}`, `--dynamodb-port=${dynamodb}`];
  const start = async () => {
    const cloud = processes.main('cloud', ['--json', '--data-dir', dataDir, ...flags]);
    await cloud.untilSaid('}\n');
    return { cloud, env: { ...JSON.parse(cloud.stdout).env, PORT: '0' } };
  };
  const { cloud, env } = await start();
  cloud.signal('SIGTERM');
  await cloud.exitCode();
  return { start, env };
}

const status = async (url: string) => (await fetch(url)).status;

describe('a cold start with everything down', () => {
  it(
    'is waited out by both halves, and an upload completes',
    async () => {
      const { start, env } = await cloudToCome();
      const worker = processes.main('worker', [], env);
      const api = processes.main('api', [], env);
      await api.untilSaid('api is listening');
      const url = /"url":"(http:[^"]+)","msg":"api is listening"/.exec(api.stderr)?.[1] ?? '';
      await worker.untilSaid('"attempt":2');
      expect(await status(`${url}/livez`)).toBe(200);
      expect(await status(`${url}/readyz`)).toBe(503);
      expect(worker.stderr).toMatch(
        /"level":"warn".*"code":"QUEUE_UNAVAILABLE".*cannot be used yet/,
      );
      expect(worker.stderr).not.toContain('worker is polling');

      await start();
      await worker.untilSaid('"code":"NOT_SET_UP"');
      const setUp = processes.main('setup-aws', [], env);
      expect(await setUp.exitCode()).toBe(0);
      await worker.untilSaid('worker is polling');
      await vi.waitFor(async () => expect(await status(`${url}/readyz`)).toBe(200), EVENTUALLY);

      const bytes = await readFile('samples/portrait.jpg');
      const answer = await fetch(`${url}/api/videos/init`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          fileName: 'portrait.jpg',
          contentType: 'image/jpeg',
          size: bytes.length,
        }),
      });
      const { id, upload } = (await answer.json()) as Initiated;
      const { method, headers } = upload;
      expect((await fetch(upload.url, { method, headers, body: bytes })).status).toBe(200);
      await vi.waitFor(async () => {
        const view = await (await fetch(`${url}/api/videos/${id}`)).json();
        expect(view).toMatchObject({ status: 'COMPLETED' });
      }, EVENTUALLY);
    },
    PATIENCE_MS,
  );

  it(
    'is left by a worker that is told to go, with 0',
    async () => {
      const { env } = await cloudToCome();
      const worker = processes.main('worker', [], env);
      await worker.untilSaid('"attempt":2');
      worker.signal('SIGTERM');
      expect(await worker.exitCode()).toBe(0);
      expect(worker.stderr).toContain('"msg":"stopped"');
    },
    PATIENCE_MS,
  );

  it(
    'ends at once what only does one thing',
    async () => {
      const { env } = await cloudToCome();
      for (const name of ['reconcile', 'setup-aws']) {
        const once = processes.main(name, [], env);
        expect(await once.exitCode()).toBe(1);
        expect(once.stderr).toMatch(/^(QUEUE_UNAVAILABLE|NOT_SET_UP): .*\n$/m);
      }
    },
    PATIENCE_MS,
  );
});
