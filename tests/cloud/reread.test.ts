// SIGHUP, to real processes: what may change takes effect without a restart, and nothing faulty does.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { cloud } from '../support/cloud.ts';
import { mediaBytes } from '../support/file-source.ts';
import { gatedProxy } from '../support/gated-proxy.ts';
import { Processes } from '../support/processes.ts';
import { openStack, type TestStack } from '../support/stack.ts';
import { stackVariables } from '../support/stack-variables.ts';

const processes = new Processes();
let stack: TestStack;
beforeEach(async () => {
  stack = await openStack();
});
afterEach(async () => {
  await processes.end();
  await stack.close();
});

const photo = mediaBytes('portrait.jpg');
const statuses = async (ids: readonly string[]) =>
  (await Promise.all(ids.map((id) => stack.row(id)))).map(({ status }) => status).toSorted();

describe('SIGHUP', () => {
  it('makes a worker take more at once, refuses what is faulty, and names what has to wait', async () => {
    const s3 = await gatedProxy(cloud().endpoints.s3);
    onTestFinished(s3.close);
    s3.holdBodies(({ method }) => method === 'GET');
    const file = join(await processes.directory(), 'env');
    await writeFile(file, 'WORKER_CONCURRENCY=1');
    const worker = processes.main('worker', [], {
      ...stackVariables(stack),
      AWS_ENDPOINT_URL_S3: s3.url,
      ENV_FILE: file,
    });
    const reread = async (text: string, said: string): Promise<void> => {
      await writeFile(file, text);
      worker.signal('SIGHUP');
      await worker.untilSaid(said);
    };
    await worker.untilSaid('worker is polling');
    const uploads = [1, 2].map((n) => stack.upload(`${n}.jpg`, 'image/jpeg', photo));
    const ids = (await Promise.all(uploads)).map(({ id }) => id);
    await Promise.race(ids.map((id) => stack.until(id, 'PROCESSING')));

    await reread(
      'WORKER_CONCURRENCY=2\nLOG_LEVEL=loud\nREDIS_URL=s3cret',
      'ENV_FILE is not usable',
    );
    await reread(
      'WORKER_CONCURRENCY=1\nS3_BUCKET=elsewhere\nREDIS_URL=redis://:s3cret@x',
      'next start',
    );
    expect(worker.stderr).toContain('LOG_LEVEL has to be');
    expect(worker.stderr).toContain('"variables":["S3_BUCKET","REDIS_URL"]');
    expect(worker.stderr).not.toContain('s3cret');
    expect(await statuses(ids)).toEqual(['PENDING', 'PROCESSING']);

    await reread('WORKER_CONCURRENCY=2\nLOG_LEVEL=debug', '"msg":"tunables reread"');
    await Promise.all(ids.map((id) => stack.until(id, 'PROCESSING')));
    s3.open();
    await Promise.all(ids.map((id) => stack.untilDone(id, 'COMPLETED')));
    await worker.untilSaid('"level":"debug"');
  });

  it.each(['worker', 'api', 'start'])(
    'does not end %s that has nothing to reread',
    async (name) => {
      const free = { CLOUD_S3_PORT: '0', CLOUD_MESSAGING_PORT: '0', CLOUD_DYNAMODB_PORT: '0' };
      const env = { ...stackVariables(stack), ...free, DATA_DIR: await processes.directory() };
      const running = processes.main(name, [], env);
      await running.untilSaid(
        { worker: 'worker is polling', api: 'api is listening' }[name] ?? 'StreamForge is running',
      );
      running.signal('SIGHUP');
      await running.untilSaid('nothing to reread');
      expect(running.ended).toBe(false);
      // Two of the same kind would be one. An idle one may be gone before the second.
      running.signal('SIGTERM');
      running.signal('SIGINT');
      expect(await running.exitCode()).not.toBeNull();
    },
  );
});
