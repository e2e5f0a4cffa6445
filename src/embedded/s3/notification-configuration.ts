import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { S3Context } from '@20minutes/s3rver/context';
import utils from '@20minutes/s3rver/lib/utils.js';
import { answerXml } from './answer-xml.ts';
import type { Creation } from './created-event.ts';
import type { EventQueues } from './event-outbox.ts';
import { readJson } from './read-json.ts';
import { s3Error } from './s3-error.ts';

/** A queue that wants to know. */
export interface NotificationTarget {
  readonly configurationId: string;
  readonly queueArn: string;
}

interface QueueConfiguration extends NotificationTarget {
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** Which queues hear of what in a bucket, kept as one JSON file per bucket. */
export class NotificationConfiguration {
  readonly #pathOf: (bucket: string) => string;
  readonly #queues: EventQueues;

  constructor(pathOf: (bucket: string) => string, queues: EventQueues) {
    this.#pathOf = pathOf;
    this.#queues = queues;
  }

  targets({ bucket, key, eventName }: Creation): readonly NotificationTarget[] {
    return this.#read(bucket).filter(
      ({ events, prefix, suffix }) =>
        key.startsWith(prefix) &&
        key.endsWith(suffix) &&
        events.some((event) => event === `s3:${eventName}` || event === 's3:ObjectCreated:*'),
    );
  }

  /** PutBucketNotificationConfiguration: each queue gets S3's test event, or the configuration is refused. */
  async put(ctx: S3Context, bucket: string): Promise<void> {
    await utils.xmlBodyParser(ctx);
    const configurations = parse(ctx.request.body);
    const path = this.#pathOf(bucket);
    const staged = `${path}.new`;
    writeFileSync(staged, JSON.stringify(configurations));
    const time = statSync(staged).mtime.toISOString();
    for (const { queueArn } of configurations) {
      const event = { Service: 'Amazon S3', Event: 's3:TestEvent', Time: time, Bucket: bucket };
      if (this.#queues.send(queueArn, JSON.stringify(event))) continue;
      rmSync(staged);
      throw s3Error(
        'InvalidArgument',
        'Unable to validate the following destination configurations',
        { ArgumentName: queueArn, ArgumentValue: 'The destination queue does not exist' },
      );
    }
    renameSync(staged, path);
    ctx.body = '';
  }

  /** GetBucketNotificationConfiguration. */
  get(ctx: S3Context, bucket: string): void {
    const QueueConfiguration = this.#read(bucket).map((one) => ({
      Id: one.configurationId,
      Queue: one.queueArn,
      Event: one.events,
      Filter: { S3Key: { FilterRule: filterRules(one) } },
    }));
    answerXml(ctx, 'NotificationConfiguration', { QueueConfiguration });
  }

  #read(bucket: string): readonly QueueConfiguration[] {
    return readJson(this.#pathOf(bucket)) ?? [];
  }
}

function filterRules({ prefix, suffix }: QueueConfiguration) {
  return [
    { Name: 'Prefix', Value: prefix },
    { Name: 'Suffix', Value: suffix },
  ].filter(({ Value }) => Value !== '');
}

type Xml = Readonly<Record<string, unknown>>;

/** The children of that name: XML does not tell one from a list of one. */
function children(parent: unknown, name: string): readonly unknown[] {
  const value = typeof parent === 'object' && parent !== null ? (parent as Xml)[name] : undefined;
  return value === undefined ? [] : [value].flat();
}

function parse(body: unknown): readonly QueueConfiguration[] {
  const [root = ''] = children(body, 'NotificationConfiguration');
  const others = Object.keys(Object(root)).filter((name) => name !== 'QueueConfiguration');
  if (others.length > 0) {
    throw s3Error(
      'NotImplemented',
      `Only queues are told of events here, not ${others.join(', ')}`,
    );
  }
  return children(root, 'QueueConfiguration').map((xml, index) => {
    const rules = children(children(children(xml, 'Filter')[0], 'S3Key')[0], 'FilterRule');
    const rule = (name: string) =>
      rules
        .filter((one) => String(children(one, 'Name')[0]).toLowerCase() === name)
        .map((one) => String(children(one, 'Value')[0] ?? ''))[0] ?? '';
    return {
      configurationId: String(children(xml, 'Id')[0] ?? `queue-${index + 1}`),
      queueArn: String(children(xml, 'Queue')[0] ?? ''),
      events: children(xml, 'Event').map(String),
      prefix: rule('prefix'),
      suffix: rule('suffix'),
    };
  });
}
