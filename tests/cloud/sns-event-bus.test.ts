import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { SnsEventBus } from '#adapters/aws/sns-event-bus.ts';
import { eventBusContract } from '../contracts/event-bus.contract.ts';
import { openCloud } from './cloud-kit.ts';

interface Envelope {
  readonly Type: string;
  readonly Message: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly Value: string }>>;
}

eventBusContract('SnsEventBus', async () => {
  const { clients, resolved, subscriberUrl } = await openCloud();
  return {
    bus: new SnsEventBus(clients.sns, resolved.topicArn),
    take: async () => {
      const { Messages = [] } = await clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: subscriberUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return [];
      const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
      await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: subscriberUrl, Entries }));
      return Messages.map(({ Body = '' }) => {
        const { Message, MessageAttributes }: Envelope = JSON.parse(Body);
        const attributes = Object.entries(MessageAttributes).map(([k, { Value }]) => [k, Value]);
        return { event: JSON.parse(Message), attributes: Object.fromEntries(attributes) };
      });
    },
    close: async () => clients.destroy(),
  };
});
