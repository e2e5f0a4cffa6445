import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  paginateListSubscriptionsByTopic,
  type SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { type ProvisionStep, step, unless } from './provision-step.ts';

/** The ARN of a topic beside a queue: same partition, region and account. */
export function topicArnBeside(queueArn: string, topic: string): string {
  const [arn, partition, , region, account] = queueArn.split(':');
  return [arn, partition, 'sns', region, account, topic].join(':');
}

/** Whether there is such a topic. */
export async function topicExists(sns: SNSClient, arn: string): Promise<boolean> {
  const get = () => sns.send(new GetTopicAttributesCommand({ TopicArn: arn }));
  return (await unless(['NotFoundException', 'NotFound'], get)) !== null;
}

/** Creates the topic. */
export function provisionTopic(sns: SNSClient, name: string, arn: string): Promise<ProvisionStep> {
  return step('topic', name, async () => {
    if (await topicExists(sns, arn)) return 'found';
    await sns.send(new CreateTopicCommand({ Name: name }));
    return 'created';
  });
}

/** Subscribes the queue. Raw delivery is off: the envelope carries the attributes and the topic. */
export function provisionSubscription(
  sns: SNSClient,
  topicArn: string,
  queue: { readonly name: string; readonly arn: string },
): Promise<ProvisionStep> {
  return step('subscription', queue.name, async () => {
    const pages = paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topicArn });
    for await (const { Subscriptions = [] } of pages) {
      if (Subscriptions.some(({ Endpoint }) => Endpoint === queue.arn)) return 'found';
    }
    await sns.send(
      new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn }),
    );
    return 'created';
  });
}
