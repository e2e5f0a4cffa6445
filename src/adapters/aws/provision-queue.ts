import { isDeepStrictEqual } from 'node:util';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type ProvisionStep, step, unless } from './provision-step.ts';

/** A queue that exists. */
export interface ProvisionedQueue {
  readonly url: string;
  readonly arn: string;
}

/** Who may send to a queue: a service, on behalf of one resource. */
export interface Sender {
  readonly service: 's3.amazonaws.com' | 'sns.amazonaws.com';
  readonly sourceArn: string;
}

type Attributes = Readonly<Record<string, string>>;

interface Statement {
  readonly Sid?: string;
}

/** How SQS says that there is no such queue. */
const NO_QUEUE = [
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'NonExistentQueue',
];

/** Creates the queue or brings its attributes up to date, and lets the sender send. */
export async function provisionQueue(
  sqs: SQSClient,
  queue: { readonly resource: string; readonly name: string },
  attributes: Attributes,
  senderOf?: (arn: string) => Sender,
): Promise<{ readonly queue: ProvisionedQueue; readonly steps: readonly ProvisionStep[] }> {
  const { resource, name } = queue;
  const made = await step(resource, name, async () => {
    const url = await queueUrl(sqs, name);
    if (url !== null) return update(sqs, url, attributes);
    await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { ...attributes } }));
    return 'created';
  });
  const found = (await findQueue(sqs, name)) ?? { url: '', arn: '' };
  if (!senderOf) return { queue: found, steps: [made] };
  const allowed = await step(`${resource} policy`, name, () =>
    allow(sqs, found, senderOf(found.arn)),
  );
  return { queue: found, steps: [made, allowed] };
}

/** The queue of that name, or null. */
export async function findQueue(sqs: SQSClient, name: string): Promise<ProvisionedQueue | null> {
  const url = await queueUrl(sqs, name);
  return url === null ? null : { url, arn: (await queueAttributes(sqs, url))['QueueArn'] ?? '' };
}

/** The URL of the queue of that name, or null. */
export async function queueUrl(sqs: SQSClient, name: string): Promise<string | null> {
  const found = await unless(NO_QUEUE, () => sqs.send(new GetQueueUrlCommand({ QueueName: name })));
  return found?.QueueUrl ?? null;
}

/** Every attribute of a queue, as SQS spells them. */
async function queueAttributes(sqs: SQSClient, url: string): Promise<Attributes> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
  return (await sqs.send(command)).Attributes ?? {};
}

async function update(
  sqs: SQSClient,
  url: string,
  wanted: Attributes,
): Promise<ProvisionStep['state']> {
  const found = await queueAttributes(sqs, url);
  const same = Object.entries(wanted).every(([name, value]) => isSame(found[name], value));
  if (same) return 'found';
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { ...wanted } }));
  return 'updated';
}

/** Adds our statement to whatever policy there is. */
async function allow(
  sqs: SQSClient,
  { url, arn }: ProvisionedQueue,
  { service, sourceArn }: Sender,
): Promise<ProvisionStep['state']> {
  const statement = {
    Sid: 'streamforge',
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sqs:SendMessage',
    Resource: arn,
    Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
  };
  const policy = JSON.parse((await queueAttributes(sqs, url))['Policy'] || '{}');
  const there: readonly Statement[] = [policy.Statement ?? []].flat();
  if (there.some((each) => isDeepStrictEqual(each, statement))) return 'found';
  const others = there.filter(({ Sid }) => Sid !== statement.Sid);
  const next = { Version: '2012-10-17', ...policy, Statement: [...others, statement] };
  const attributes = { Policy: JSON.stringify(next) };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes }));
  return there.length === 0 ? 'created' : 'updated';
}

/** Attributes are text; some hold JSON, whose numbers come back as numbers or as text. */
function isSame(found: string | undefined, wanted: string): boolean {
  if (found === wanted) return true;
  if (!found?.startsWith('{') || !wanted.startsWith('{')) return false;
  return isDeepStrictEqual(texts(found), texts(wanted));
}

const texts = (json: string): unknown =>
  JSON.parse(json, (_key, value) => (typeof value === 'number' ? String(value) : value));
