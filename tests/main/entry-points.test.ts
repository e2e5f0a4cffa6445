// The entry points as people run them: real processes, spoken to through what they print, on free ports.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Process, Processes } from '../support/processes.ts';
import type { Initiated } from '../support/stack.ts';

const processes = new Processes();
afterEach(() => processes.end());

const FREE = { PORT: '0', CLOUD_S3_PORT: '0', CLOUD_MESSAGING_PORT: '0', CLOUD_DYNAMODB_PORT: '0' };
const API_KEY = 'open-sesame';
const API_KEYS = `acme:${createHash('sha256').update(API_KEY).digest('hex')}`;

const PATIENCE_MS = 60_000;
const EVENTUALLY = { timeout: 50_000, interval: 50 };

async function startIn(dataDir: string, args: readonly string[] = [], env = {}) {
  const started = processes.main('start', args, { ...FREE, ...env, DATA_DIR: dataDir });
  await started.untilSaid('paste all of it');
  const api = /API +(http:\S+)/.exec(started.stdout)?.[1] ?? '';
  return { started, api };
}

/** The embedded cloud as a process of its own, and the variables that it says point at it. */
async function cloudIn(dataDir: string) {
  const flags = ['--s3-port=0', '--messaging-port=0', '--dynamodb-port=0'];
  const cloud = processes.main('cloud', ['--json', '--data-dir', dataDir, ...flags]);
  await cloud.untilSaid('}\n');
  return { cloud, env: { ...JSON.parse(cloud.stdout).env, PORT: '0' } };
}

async function startApi(env: Readonly<Record<string, string>>) {
  const api = processes.main('api', [], env);
  await api.untilSaid('api is listening');
  const url = /"url":"(http:[^"]+)","msg":"api is listening"/.exec(api.stderr)?.[1] ?? '';
  return { api, url };
}

async function kill(running: Process): Promise<void> {
  running.signal('SIGKILL');
  await running.exitCode();
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

/** A port that somebody else listens on. */
async function occupied() {
  const server = createServer().listen(0, '127.0.0.1');
  await vi.waitUntil(() => server.listening);
  const address = server.address();
  return { server, port: typeof address === 'object' ? String(address?.port) : '' };
}

function untilCompleted(api: string, id: string) {
  return vi.waitFor(async () => {
    const { body } = await get(api, id);
    expect(body).toMatchObject({ status: 'COMPLETED', metadata: { container: 'mp4' } });
  }, EVENTUALLY);
}

describe('npm start', () => {
  it.each([
    ['', {}, {}],
    [' with a key, where keys are needed', { API_KEYS }, { API_KEY }],
  ])(
    'prints a curl that works when pasted%s, and ends well on Ctrl-C',
    async (_when, env, shellEnv) => {
      const { started } = await startIn(await processes.directory(), [], env);
      const pasted = /( {2}init=[\s\S]*\n)\n/.exec(started.stdout)?.[1] ?? '';
      const shell = processes.run('bash', ['-c', pasted], shellEnv);
      expect(await shell.exitCode()).toBe(0);
      expect(JSON.parse(shell.stdout)).toMatchObject({
        fileName: 'clip.mp4',
        contentType: 'video/mp4',
        status: expect.stringMatching(/^(PENDING|PROCESSING|COMPLETED)$/),
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
      // Without a worker, so that the upload is certain to be unfinished when the kill comes.
      const { cloud, env } = await cloudIn(join(dataDir, 'cloud'));
      expect(await processes.main('setup-aws', [], env).exitCode()).toBe(0);
      const { api, url } = await startApi(env);
      const id = await upload(url);
      await Promise.all([kill(cloud), kill(api)]);

      const first = await startIn(dataDir);
      await untilCompleted(first.api, id);
      await kill(first.started);

      const second = await startIn(dataDir);
      expect((await get(second.api, id)).body).toMatchObject({ status: 'COMPLETED' });
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
      const { server, port } = await occupied();
      const env = { ...FREE, DATA_DIR: await processes.directory(), [variable]: port };
      const started = processes.main('start', [], env);
      expect(await started.exitCode()).toBe(1);
      expect(started.stderr).toContain(`PORT_IN_USE: port ${port} is in use`);
      expect(started.stderr).toContain(`set ${variable} to another port`);
      server.close();
    },
    PATIENCE_MS,
  );

  it(
    'says what to do where another one runs in the same folder',
    async () => {
      const dataDir = await processes.directory();
      await startIn(dataDir);
      const second = processes.main('start', [], { ...FREE, DATA_DIR: dataDir });
      expect(await second.exitCode()).toBe(1);
      expect(second.stderr).toMatch(
        /^DATA_DIR_IN_USE: another StreamForge runs on .*set DATA_DIR, PORT/,
      );
      expect(second.stderr.trimEnd().split('\n')).toHaveLength(1);
    },
    PATIENCE_MS,
  );
});

describe('npm run demo', () => {
  it(
    'prints a line of JSON per file and nothing else, and fails if one file did',
    async () => {
      const media = 'tests/fixtures/media';
      const broken = [`${media}/no-index.mp4`, 'package.json', `${media}/no-such.mp4`];
      const demo = processes.main('demo', ['--json', 'samples/portrait.jpg', ...broken]);
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
        {
          file: 'no-index.mp4',
          status: 'FAILED',
          metadata: null,
          event: { type: 'VideoFailedEvent' },
          failure: { code: 'CORRUPT_MEDIA' },
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
        'derivatives',
        'timings',
      ]);
    },
    PATIENCE_MS,
  );

  it(
    'wants no port that somebody has, whatever the environment says',
    async () => {
      const { server, port } = await occupied();
      const taken = Object.fromEntries(
        [...Object.keys(FREE), 'METRICS_PORT'].map((n) => [n, port]),
      );
      const demo = processes.main('demo', ['--json', 'samples/portrait.jpg'], taken);
      expect(await demo.exitCode(), demo.stderr).toBe(0);
      server.close();
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

/** Gives a program a terminal. That of util-linux; others take other options. */
const SCRIPT = 'script';
const hasScript = spawnSync(SCRIPT, ['--version']).status === 0;

describe.skipIf(!hasScript)(
  `npm run demo on a terminal${hasScript ? '' : ' (skipped: there is no script of util-linux)'}`,
  () => {
    it(
      'draws no bar where NO_COLOR is set',
      async () => {
        const demo = `${process.execPath} src/main/demo.ts samples/portrait.jpg`;
        const terminal = processes.run(SCRIPT, ['-qec', demo, '/dev/null'], { NO_COLOR: '1' });
        expect(await terminal.exitCode()).toBe(0);
        expect(terminal.stdout).toContain('sent portrait.jpg, 17.1 KB');
        for (const drawn of ['\u001b', '█']) expect(terminal.stdout).not.toContain(drawn);
      },
      PATIENCE_MS,
    );
  },
);

describe('the halves apart', () => {
  it(
    'are set up, upload, process and drain by what the environment says',
    async () => {
      const { env } = await cloudIn(await processes.directory());
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

      const worker = processes.main('worker', [], env);
      const [{ api, url }] = await Promise.all([
        startApi(env),
        worker.untilSaid('worker is polling'),
      ]);
      await untilCompleted(url, await upload(url));

      worker.signal('SIGTERM');
      await worker.untilSaid('"msg":"draining"');
      // It comes in by the poll that is still open, and is given back: at once, not when its visibility ends.
      const late = await upload(url);
      expect(await worker.exitCode()).toBe(0);
      expect(worker.stderr).toContain('"msg":"stopped"');
      expect((await get(url, late)).body).toMatchObject({ status: 'PENDING' });
      processes.main('worker', [], env);
      await untilCompleted(url, late);

      const reconcile = processes.main('reconcile', [], env);
      expect(await reconcile.exitCode()).toBe(0);
      expect(reconcile).toMatchObject({ stdout: 'Nothing is due.\n', stderr: '' });

      api.signal('SIGTERM');
      expect(await api.exitCode()).toBe(0);
    },
    PATIENCE_MS,
  );

  it('report every fault of the environment at once, and no secret', {
    timeout: PATIENCE_MS,
  }, async () => {
    const env = {
      PORT: 'high',
      LOG_LEVEL: 'loud',
      API_KEYS: 'acme:s3cret',
      REDIS_URL: 'http://me:s3cret@localhost',
      HOST: '0.0.0.0',
    };
    const both = ['api', 'worker'].map((name) => processes.main(name, [], env));
    for (const half of both) {
      expect(await half.exitCode()).toBe(1);
      for (const name of ['INVALID_CONFIG', 'PORT', 'LOG_LEVEL', 'API_KEYS', 'REDIS_URL']) {
        expect(half.stderr).toContain(name);
      }
      expect(half.stderr).not.toContain('s3cret');
      expect(half.stdout).toBe('');
    }
  });

  it('show no secret where the environment is good', { timeout: PATIENCE_MS }, async () => {
    const env = {
      API_KEYS,
      REDIS_URL: 'redis://me:s3cret@127.0.0.1:1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 's3cret',
    };
    const api = processes.main('api', [], env);
    await api.untilSaid('AWS cannot be used yet');
    expect(api.stderr).toContain('"REDIS_URL":"[set]"');
    expect(api.stderr).toContain('"code":"QUEUE_UNAVAILABLE"');
    expect(api.stderr).not.toMatch(/s3cret|[0-9a-f]{64}|\n\s+at /);
    const reconcile = processes.main('reconcile', [], env);
    expect(await reconcile.exitCode()).toBe(1);
    expect(reconcile.stderr).toMatch(/^QUEUE_UNAVAILABLE: .*\n$/m);
    expect(reconcile.stderr).not.toMatch(/s3cret|[0-9a-f]{64}|\n\s+at /);
  });
});

describe('any of them', () => {
  it('says in a line which option it does not know', { timeout: PATIENCE_MS }, async () => {
    const started = processes.main('start', ['--nonsense']);
    expect(await started.exitCode()).toBe(1);
    expect(started.stderr).toMatch(/^Unknown option '--nonsense'.*\n$/);
  });
});
