// The entry points as people run them: real processes, spoken to through what they print, on free ports.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Processes } from '../support/processes.ts';

const processes = new Processes();
afterEach(() => processes.end());

const FREE = { PORT: '0', CLOUD_S3_PORT: '0', CLOUD_MESSAGING_PORT: '0', CLOUD_DYNAMODB_PORT: '0' };
const PATIENCE_MS = 120_000;
/** A message that a killed worker had in hand comes again when its visibility, a minute, is over. */
const EVENTUALLY = { timeout: 90_000, interval: 50 };

async function startIn(dataDir: string, args: readonly string[] = []) {
  const started = processes.main('start', args, { ...FREE, DATA_DIR: dataDir });
  await started.untilSaid('paste all of it');
  const api = /API +(http:\S+)/.exec(started.stdout)?.[1] ?? '';
  return { started, api };
}

interface Initiated {
  readonly id: string;
  readonly upload: {
    readonly method: string;
    readonly url: string;
    readonly headers: Record<string, string>;
  };
}

async function get(api: string, id: string) {
  const response = await fetch(`${api}/api/videos/${id}`);
  return { status: response.status, body: await response.json() };
}

async function upload(api: string) {
  const bytes = await readFile('samples/clip.mp4');
  const file = { fileName: 'clip.mp4', contentType: 'video/mp4', size: bytes.length };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${api}/api/videos/init`, {
    method: 'POST',
    headers,
    body: JSON.stringify(file),
  });
  const { id, upload: to } = (await answer.json()) as Initiated;
  const put = await fetch(to.url, { method: to.method, headers: to.headers, body: bytes });
  expect(put.status).toBe(200);
  return id;
}

function untilCompleted(api: string, id: string) {
  return vi.waitFor(async () => {
    const { body } = await get(api, id);
    expect(body).toMatchObject({ status: 'COMPLETED', metadata: { container: 'mp4' } });
  }, EVENTUALLY);
}

describe('npm start', () => {
  it(
    'prints a curl that works when pasted, and ends well on Ctrl-C',
    async () => {
      const { started } = await startIn(await processes.directory());
      const pasted = /( {2}init=[\s\S]*\n)\n/.exec(started.stdout)?.[1] ?? '';
      const shell = processes.run('bash', ['-c', pasted]);
      expect(await shell.exitCode()).toBe(0);
      expect(JSON.parse(shell.stdout)).toMatchObject({
        fileName: 'clip.mp4',
        contentType: 'video/mp4',
      });
      started.signal('SIGINT');
      expect(await started.exitCode()).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    'finishes after a kill what was uploaded before it, and forgets when told to',
    async () => {
      const dataDir = await processes.directory();
      const first = await startIn(dataDir);
      const id = await upload(first.api);
      first.started.signal('SIGKILL');
      await first.started.exitCode();

      const second = await startIn(dataDir);
      await untilCompleted(second.api, id);
      second.started.signal('SIGTERM');
      expect(await second.started.exitCode()).toBe(0);

      const third = await startIn(dataDir, ['--fresh']);
      expect((await get(third.api, id)).status).toBe(404);
    },
    PATIENCE_MS,
  );

  it.each(['PORT', 'CLOUD_S3_PORT', 'CLOUD_MESSAGING_PORT', 'CLOUD_DYNAMODB_PORT'])(
    'says which port is in use, and that %s moves it',
    async (variable) => {
      const server = createServer().listen(0, '127.0.0.1');
      await vi.waitUntil(() => server.listening);
      const address = server.address();
      const port = typeof address === 'object' ? String(address?.port) : '';
      const env = { ...FREE, DATA_DIR: await processes.directory(), [variable]: port };
      const started = processes.main('start', [], env);
      expect(await started.exitCode()).toBe(1);
      expect(started.stderr).toContain(`PORT_IN_USE: port ${port} is in use`);
      expect(started.stderr).toContain(`set ${variable} to another port`);
      server.close();
    },
    PATIENCE_MS,
  );
});

describe('npm run demo', () => {
  it(
    'prints a line of JSON per file and nothing else, and fails if one file did',
    async () => {
      const files = ['samples/portrait.jpg', 'package.json', 'tests/fixtures/media/no-such.mp4'];
      const demo = processes.main('demo', ['--json', ...files]);
      expect(await demo.exitCode()).toBe(1);
      const lines = demo.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines).toMatchObject([
        {
          file: 'portrait.jpg',
          status: 'COMPLETED',
          metadata: { kind: 'image' },
          event: { type: 'VideoProcessedEvent' },
        },
        { file: 'package.json', failure: { code: 'UNKNOWN_MEDIA_TYPE' } },
        { file: 'no-such.mp4', failure: { code: 'FILE_NOT_FOUND' } },
      ]);
      expect(Object.keys(lines[0])).toEqual([
        'id',
        'file',
        'status',
        'metadata',
        'event',
        'probe',
        'timings',
      ]);
    },
    PATIENCE_MS,
  );

  it(
    'prints plain tables where there is no terminal, and ends well when all is well',
    async () => {
      const demo = processes.main('demo');
      expect(await demo.exitCode()).toBe(0);
      expect(demo.stdout.match(/COMPLETED/g)).toHaveLength(4);
      expect(demo.stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    },
    PATIENCE_MS,
  );
});

describe('the halves apart', () => {
  it(
    'are set up, upload, process and drain by what the environment says',
    async () => {
      const flags = ['--s3-port=0', '--messaging-port=0', '--dynamodb-port=0'];
      const cloud = processes.main('cloud', [
        '--json',
        '--data-dir',
        await processes.directory(),
        ...flags,
      ]);
      await cloud.untilSaid('}\n');
      const env = { ...JSON.parse(cloud.stdout).env, PORT: '0' };

      const early = processes.main('api', [], env);
      expect(await early.exitCode()).toBe(1);
      expect(early.stderr).toMatch(/NOT_SET_UP: .*npm run setup:aws/);

      const states = async () => {
        const setUp = processes.main('setup-aws', ['--json'], env);
        expect(await setUp.exitCode()).toBe(0);
        const lines = setUp.stdout.trimEnd().split('\n');
        return new Set(lines.map((line) => JSON.parse(line).state));
      };
      expect(await states()).toContain('created');
      expect([...(await states())].filter((state) => state !== 'skipped')).toEqual(['found']);

      const api = processes.main('api', [], env);
      const worker = processes.main('worker', [], env);
      await Promise.all([api.untilSaid('api is listening'), worker.untilSaid('worker is polling')]);
      const url = /"url":"(http:[^"]+)","msg":"api is listening"/.exec(api.stderr)?.[1] ?? '';
      await untilCompleted(url, await upload(url));

      worker.signal('SIGTERM');
      api.signal('SIGTERM');
      expect([await worker.exitCode(), await api.exitCode()]).toEqual([0, 0]);
      expect(worker.stderr).toContain('"msg":"stopped"');
    },
    PATIENCE_MS,
  );

  it('report every fault of the environment at once, and no secret', async () => {
    const env = { PORT: 'high', LOG_LEVEL: 'loud', API_KEYS: 'acme:s3cret', HOST: '0.0.0.0' };
    const api = processes.main('api', [], env);
    expect(await api.exitCode()).toBe(1);
    for (const name of ['INVALID_CONFIG', 'PORT', 'LOG_LEVEL', 'API_KEYS']) {
      expect(api.stderr).toContain(name);
    }
    expect(api.stderr).not.toContain('s3cret');
  });
});
