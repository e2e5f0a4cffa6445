import { SnsEventBus } from '#adapters/aws/sns-event-bus.ts';
import { eventBusContract } from '../contracts/event-bus.contract.ts';
import { openEnvelope, takeAll } from '../support/queue-watch.ts';
import { openCloud } from './cloud-kit.ts';

eventBusContract('SnsEventBus', async () => {
  const { clients, resolved, subscriberUrl } = await openCloud();
  return {
    bus: new SnsEventBus(clients.sns, resolved.topicArn),
    take: async () => (await takeAll(clients.sqs, subscriberUrl)).map(openEnvelope),
    close: async () => clients.destroy(),
  };
});
