// `npm run dlq` as people run it: a process of its own, on dead letters that real workers buried.
import { spawnSync } from 'node:child_process';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { resolveNames } from '#adapters/aws/resolve-names.ts';
import { ForgeError } from '#domain/errors.ts';
import { anS3Event } from '../support/a-message.ts';
import { mediaBytes } from '../support/file-source.ts';
import { Processes } from '../support/processes.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { openStack, TENANT, type TestStack, type TestWorkerOptions } from '../support/stack.ts';
import { stackVariables } from '../support/stack-variables.ts';

// Each command is a process of its own, and starts slowly where others compute.
vi.setConfig({ testTimeout: 120_000 });

let stack: TestStack;
let deadLetterQueueUrl: string;
const processes = new Processes();
beforeAll(async () => {
  stack = await openStack();
  ({ deadLetterQueueUrl } = await resolveNames(stack.clients, stack.names));
});
afterEach(async () => {
  await stack.stopWorkers();
  await stack.takeDeadLetters();
});
afterAll(async () => {
  await processes.end();
  await stack.close();
});

async function dlq(line: string, env: Readonly<Record<string, string>> = {}) {
  const words = line.split(' ');
  const ran = processes.main('dlq', words, { ...stackVariables(stack), ...env });
  const exitCode = await ran.exitCode();
  return { exitCode, stdout: ran.stdout, stderr: ran.stderr };
}

/** The lines that it prints for programs; nothing but JSON may be among them. */
async function dlqJson(line: string, exitCode = 0) {
  const ran = await dlq(`${line} --json`);
  expect(ran).toMatchObject({ exitCode, stderr: expect.any(String) });
  const lines = ran.stdout.split('\n').filter((text) => text !== '');
  return lines.map((text) => JSON.parse(text));
}

/** Has a worker bury what nobody can read; answers with the id of the dead letter. */
async function buried(body: string): Promise<string> {
  await stack.startWorker();
  await stack.send(body);
  await stack.untilEmpty();
  await stack.stopWorkers();
  const [letter] = await dlqJson('list');
  return letter.id;
}

/** A worker that takes every file for a broken one. */
const pessimist: TestWorkerOptions = {
  media: ({ openSource, select }) => ({
    openSource,
    select: (type) => {
      const strategy = select(type);
      const analyse = () =>
        Promise.reject(new ForgeError('CORRUPT_MEDIA', 'permanent', 'this version cannot read it'));
      return strategy && { kind: strategy.kind, analyse };
    },
  }),
};

/** Puts a message where SQS itself puts one that was received too often. */
const giveUp = (body: unknown) =>
  stack.clients.sqs.send(
    new SendMessageCommand({
      QueueUrl: deadLetterQueueUrl,
      MessageBody: JSON.stringify(body),
    }),
  );

const photo = mediaBytes('portrait.jpg');

describe('a message that makes no sense', () => {
  it('is listed with its reason, shown whole, and gone when it is dropped', async () => {
    const id = await buried('{"hello": "wor\\u001b[2Jld"}');
    const list = await dlq('list');
    expect(list).toMatchObject({ exitCode: 0, stderr: '' });
    expect(list.stdout).toMatch(/^ID +AGE +REASON +DETAIL +ASSET +RECEIVED$/m);
    expect(list.stdout).toMatch(
      new RegExp(
        `^${id} +\\d+ s +MALFORMED_MESSAGE +neither an S3 event nor a command +– +\\d+$`,
        'm',
      ),
    );

    const show = await dlq(`show ${id}`);
    expect(show.exitCode).toBe(0);
    expect(show.stdout).toContain('MALFORMED_MESSAGE: neither an S3 event nor a command');
    expect(show.stdout).toContain('{\n  "hello": "wor\\u001b[2Jld"\n}');

    // Three looks, and it is there for everybody: each gave it back.
    expect(await dlqJson(`drop ${id}`)).toEqual([{ id, dropped: true }]);
    expect(await dlq('list')).toMatchObject({ exitCode: 0, stdout: 'No dead letters.\n' });
    expect(await stack.takeDeadLetters()).toEqual([]);
  });

  it('is sent back by a redrive that says that it will return, and returns', async () => {
    const id = await buried('hello');
    const redrive = await dlq(`redrive ${id}`);
    expect(redrive.exitCode).toBe(0);
    expect(redrive.stdout).toMatch(new RegExp(`^${id} +– +sent back$`, 'm'));
    expect(redrive.stdout).toContain('it comes back unless the worker can read it now');
    expect(await dlqJson('list')).toEqual([]);
    expect((await stack.depth()).visible).toBe(1);

    await stack.startWorker();
    await stack.untilEmpty();
    const [again] = await dlqJson('list');
    expect(again).toMatchObject({ code: 'MALFORMED_MESSAGE', assets: [] });
    expect(again.id).not.toBe(id);
  });
});

describe('a message about an asset that has FAILED', () => {
  it('opens a new generation, which completes, and is gone', async () => {
    const { id: assetId } = await stack.upload('portrait.jpg', 'image/jpeg', photo);
    await stack.startWorker(pessimist);
    await stack.untilDone(assetId, 'FAILED');
    await stack.stopWorkers();
    await stack.untilEmpty();
    const key = { tenant: TENANT, assetId };
    await giveUp(anS3Event(key));

    const [letter] = await dlqJson('list');
    expect(letter).toMatchObject({ code: null, detail: 'received too often', assets: [key] });
    const show = await dlq(`show ${letter.id}`);
    expect(show.stdout).toMatch(/^status +FAILED, generation 1, 1 attempts$/m);
    expect(show.stdout).toMatch(/^failure +CORRUPT_MEDIA: this version cannot read it$/m);
    expect(show.stdout).toMatch(/ commit +FAILED +1 +CORRUPT_MEDIA$/m);

    expect(await dlqJson('redrive --all')).toEqual([
      {
        id: letter.id,
        redriven: true,
        removed: true,
        reopened: [{ ...key, generation: 2 }],
        sentBack: false,
        note: '',
      },
    ]);
    expect(await stack.row(assetId)).toMatchObject({ status: 'PENDING', generation: 2 });
    expect(await dlqJson('list')).toEqual([]);

    await stack.startWorker();
    const row = await stack.untilDone(assetId, 'COMPLETED');
    expect(row).toMatchObject({ generation: 2, attempts: 1 });
    expect(row.failure).toBeUndefined();
    await stack.untilEmpty();
    await vi.waitFor(async () => {
      const events = await stack.eventsOf(assetId);
      const statuses = events.map(({ event }) => `${event.generation} ${event.status}`);
      expect(statuses.toSorted()).toEqual(['1 FAILED', '2 COMPLETED']);
    }, EVENTUALLY);
  });
});

describe('a message about an asset that has not FAILED', () => {
  it('is sent back as it was, and completes what waited for it', async () => {
    const { id: assetId } = await stack.upload('portrait.jpg', 'image/jpeg', photo);
    // Its event got lost on the way, and nothing but the dead letter tells of it.
    await vi.waitFor(async () => expect(await stack.takeMessages()).toHaveLength(1), EVENTUALLY);
    await giveUp({ kind: 'process', tenant: TENANT, assetId, generation: 1 });
    expect(await dlqJson('redrive --all')).toMatchObject([{ reopened: [], sentBack: true }]);
    await stack.startWorker();
    expect((await stack.untilDone(assetId, 'COMPLETED')).generation).toBe(1);
  });
});

describe('many dead letters', () => {
  it('are all listed, redriven and counted', async () => {
    for (let i = 0; i < 23; i += 1) await giveUp({ Event: 's3:TestEvent', i });
    expect(await dlqJson('list')).toHaveLength(23);
    const redriven = await dlqJson('redrive --all');
    expect(redriven).toHaveLength(23);
    expect(redriven.every(({ removed, sentBack }) => removed && sentBack)).toBe(true);
    expect(await stack.takeDeadLetters()).toEqual([]);
    expect(await stack.takeMessages()).toHaveLength(23);
  });
});

describe('what goes wrong', () => {
  it('is an exit code of its own where the command line makes no sense', async () => {
    const lines = ['purge', 'redrive', 'drop x --all', 'list --nonsense'];
    for (const ran of await Promise.all(lines.map((line) => dlq(line)))) {
      expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
      expect(ran.stderr).toContain('npm run dlq -- list\n');
    }
    expect(await dlq('--help')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is an id that nobody has', async () => {
    const ran = await dlq('drop nobody --json');
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^There is no dead letter nobody, .*\n$/);
  });

  it('is a queue that is not there, in one line that says what to do', async () => {
    const ran = await dlq('list', { SQS_DLQ_NAME: 'no-such-queue' });
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^NOT_SET_UP: .*'no-such-queue'.*npm run setup:aws\n$/);
  });
});

/** Gives a program a terminal. That of util-linux; others take other options. */
const SCRIPT = 'script';
const hasScript = spawnSync(SCRIPT, ['--version']).status === 0;

describe.skipIf(!hasScript)(
  `on a terminal${hasScript ? '' : ' (skipped: there is no script of util-linux)'}`,
  () => {
    const onTerminal = async (env: Readonly<Record<string, string>>) => {
      const command = `${process.execPath} src/main/dlq.ts list`;
      const ran = processes.run(SCRIPT, ['-qec', command, '/dev/null'], {
        ...stackVariables(stack),
        ...env,
      });
      expect(await ran.exitCode()).toBe(0);
      return ran.stdout;
    };

    it('counts in a line that is drawn over, and draws none where NO_COLOR is set', async () => {
      await giveUp({});
      expect(await onTerminal({})).toContain('\rlooked at 1 of about 1\r\nID');
      const plain = await onTerminal({ NO_COLOR: '1' });
      expect(plain).toMatch(/^ID /);
      for (const drawn of ['\r', '\u001b'])
        expect(plain.replaceAll('\r\n', '')).not.toContain(drawn);
    });
  },
);
