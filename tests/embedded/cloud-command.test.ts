// The cloud as its own process, as `npm run cloud` starts it, so that it can be killed.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { Processes } from '../support/processes.ts';
import { Bucket, clientsOf, createTable, drain, notify, ownDirectory } from './open-cloud.ts';

const processes = new Processes();
afterEach(() => processes.end());

const run = (...flags: string[]) => processes.main('cloud', flags);

const freePorts = ['--s3-port=0', '--messaging-port=0', '--dynamodb-port=0'];

/** Starts the command and speaks to it through nothing but what it printed. */
async function startProcess(dataDir: string) {
  const child = run('--json', '--data-dir', dataDir, ...freePorts);
  await child.untilSaid('\n');
  const { env } = JSON.parse(child.stdout);
  const clients = clientsOf({
    region: env.AWS_REGION,
    endpoints: {
      s3: env.AWS_ENDPOINT_URL_S3,
      sqs: env.AWS_ENDPOINT_URL_SQS,
      sns: env.AWS_ENDPOINT_URL_SNS,
      dynamodb: env.AWS_ENDPOINT_URL_DYNAMODB,
    },
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    },
  });
  onTestFinished(clients.destroy);
  return { ...clients, child };
}

const TableName = 'assets';

describe('npm run cloud', () => {
  it('prints variables to paste, and stops cleanly when told to', async () => {
    const child = run('--data-dir', await ownDirectory(), ...freePorts);
    await child.untilSaid('AWS_SECRET_ACCESS_KEY=');
    expect(child.stdout).toMatch(
      new RegExp(
        [
          '^# .*',
          'export AWS_ENDPOINT_URL_S3=http://127.0.0.1:\\d+',
          'export AWS_ENDPOINT_URL_SQS=http://127.0.0.1:\\d+',
          'export AWS_ENDPOINT_URL_SNS=http://127.0.0.1:\\d+',
          'export AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:\\d+',
          'export AWS_REGION=us-east-1',
          'export AWS_ACCESS_KEY_ID=\\w+',
          'export AWS_SECRET_ACCESS_KEY=[\\w-]+\n$',
        ].join('\n'),
      ),
    );
    child.signal('SIGINT');
    expect(await child.exitCode()).toBe(0);
    expect(child.stderr).toBe('');
  });

  it('prints one line of JSON and nothing else, and stops on SIGTERM with clients connected', async () => {
    const { child, s3 } = await startProcess(await ownDirectory());
    await s3.send(new CreateBucketCommand({ Bucket }));
    child.signal('SIGTERM');
    expect(await child.exitCode()).toBe(0);
    expect(child.stdout).toMatch(/^.*\n$/);
  });

  it('says which port is taken, and what to do about it', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const child = run('--data-dir', await ownDirectory(), ...freePorts, `--messaging-port=${port}`);
    expect(await child.exitCode()).toBe(1);
    expect(child.stderr).toMatch(new RegExp(`^Port ${port}.* --messaging-port\n$`));
  });

  it.each([['--s3-port=x'], ['--s3-port=65536'], ['--nonsense']])('refuses %s', async (flag) => {
    const child = run(flag);
    expect(await child.exitCode()).toBe(1);
    expect(child.stderr).toContain(flag.split('=')[0]);
  });
});

describe('a cloud that is killed', () => {
  it('loses nothing that it said it had, and shows nothing by halves', async () => {
    const dataDir = await ownDirectory();
    let cloud = await startProcess(dataDir);
    await cloud.s3.send(new CreateBucketCommand({ Bucket }));
    const queueUrl = await notify(cloud, Bucket, 'events');
    await createTable(cloud, TableName);

    const acknowledged = { objects: new Set<string>(), rows: new Set<string>() };
    for (let round = 0; round < 3; round += 1) {
      const enough = Promise.withResolvers<void>();
      const write = async (writer: number) => {
        for (let index = 0; ; index += 1) {
          const name = `${round}-${writer}-${index}`;
          const Key = `uploads/${name}`;
          await cloud.s3.send(
            new PutObjectCommand({ Bucket, Key, Body: name.repeat(5000), IfNoneMatch: '*' }),
          );
          acknowledged.objects.add(Key);
          await cloud.dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: name } } }));
          acknowledged.rows.add(name);
          if (index === 5) enough.resolve();
        }
      };
      const writers = [1, 2, 3, 4].map((writer) => write(writer).catch(() => {}));
      await enough.promise;
      cloud.child.signal('SIGKILL');
      await cloud.child.exitCode();
      await Promise.all(writers);
      cloud = await startProcess(dataDir);
    }

    const { Contents = [] } = await cloud.s3.send(new ListObjectsV2Command({ Bucket }));
    const keys = new Set(Contents.map(({ Key = '' }) => Key));
    expect([...acknowledged.objects].filter((key) => !keys.has(key))).toEqual([]);
    for (const Key of keys) {
      const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket, Key }));
      expect(await Body?.transformToString()).toBe(Key.replace('uploads/', '').repeat(5000));
    }
    const told = (await drain(cloud, queueUrl)).flatMap((body) =>
      ((body as { Records?: { s3: { object: { key: string } } }[] }).Records ?? []).map(
        ({ s3 }) => s3.object.key,
      ),
    );
    expect([...keys].filter((key) => !told.includes(key))).toEqual([]);
    expect(told.filter((key) => !keys.has(key))).toEqual([]);
    const { Items = [] } = await cloud.dynamodb.send(new ScanCommand({ TableName }));
    const rows = new Set(Items.map(({ pk }) => pk?.S));
    expect([...acknowledged.rows].filter((row) => !rows.has(row))).toEqual([]);
    expect(acknowledged.rows.size).toBeGreaterThan(60);
  }, 60_000);
});
