import { join } from 'node:path';
import { type AwsClients, awsClients } from '#adapters/aws/clients.ts';
import { provision, subscriberQueue } from '#adapters/aws/provision.ts';
import { queueUrl } from '#adapters/aws/provision-queue.ts';
import { resolveNames } from '#adapters/aws/resolve-names.ts';
import { readEnv } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { awsConfig, awsNames } from '#main/ports.ts';
import type { ProcessGroups } from '../support/process-groups.ts';

/** Which cloud a run is on. */
export type CloudName = 'embedded' | 'moto';

/** The variables that point at a cloud, credentials among them. */
export type CloudVariables = Readonly<Record<string, string>>;

/** A cloud with everything set up in it. S3's events go to a queue that only the harness reads. */
export interface ChaosCloud {
  readonly variables: CloudVariables;
  readonly clients: AwsClients;
  readonly table: string;
  readonly bucket: string;
  readonly urls: {
    readonly relay: string;
    readonly work: string;
    readonly deadLetters: string;
    readonly subscriber: string;
  };
}

const RELAY_QUEUE = 'streamforge-chaos-relay';

/** Starts the cloud as a process of its own, and sets it up. */
export async function startCloud(name: CloudName, groups: ProcessGroups): Promise<ChaosCloud> {
  const variables = await (name === 'moto' ? startMoto(groups) : startEmbedded(groups));
  const env = readEnv(variables);
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } =
    variables;
  const credentials = { accessKeyId, secretAccessKey };
  const clients = awsClients({ ...awsConfig(env), credentials }, 'api');
  const names = awsNames(env);
  const options = { ...LIMITS, region: env.AWS_REGION, corsOrigins: env.CORS_ORIGINS };
  await provision(clients, names, options);
  // The second time around the bucket tells the other queue: whether, when and how often the work queue hears of an
  // object is the harness's to say.
  await provision(clients, { ...names, queue: RELAY_QUEUE }, options);
  const { queueUrl: work, deadLetterQueueUrl: deadLetters } = await resolveNames(clients, names);
  const relay = (await queueUrl(clients.sqs, RELAY_QUEUE)) ?? '';
  const subscriber = (await queueUrl(clients.sqs, subscriberQueue(names.topic))) ?? '';
  const urls = { relay, work, deadLetters, subscriber };
  return { variables, clients, table: names.table, bucket: names.bucket, urls };
}

async function startEmbedded(groups: ProcessGroups): Promise<CloudVariables> {
  const ports = ['--s3-port=0', '--messaging-port=0', '--dynamodb-port=0'];
  const dataDir = join(groups.directory, 'cloud');
  const cloud = await groups.start({
    name: 'cloud',
    command: process.execPath,
    args: ['src/main/cloud.ts', '--json', '--data-dir', dataDir, ...ports],
  });
  const [line] = await cloud.until(/^\{"dataDir".*\}$/m);
  return (JSON.parse(line) as { readonly env: CloudVariables }).env;
}

/** moto takes a free port by itself, and says which. */
async function startMoto(groups: ProcessGroups): Promise<CloudVariables> {
  const moto = await groups.start({
    name: 'cloud',
    command: 'moto_server',
    args: ['-H', '127.0.0.1', '-p', '0'],
  });
  const [, endpoint = ''] = await moto.until(/Running on (http:\/\/[\d.]+:\d+)/);
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ENDPOINT_URL_SQS: endpoint,
    AWS_ENDPOINT_URL_SNS: endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}
