import { afterEach, describe, expect, it } from 'vitest';
import { SnsEventBus } from '#adapters/aws/sns-event-bus.ts';
import { assetEvent } from '../../contracts/fixtures.ts';
import { type StubService, startStub, stubClients } from './stub-service.ts';

let stub: StubService;
afterEach(() => stub.close());

const TOPIC = 'arn:aws:sns:eu-central-1:1:events';

/** An SNS that takes the entries of these ids, and keeps what it was sent. */
const open = async (taken: readonly string[]) => {
  const sent: URLSearchParams[] = [];
  const entries = taken.map((id) => `<member><Id>${id}</Id><MessageId>m</MessageId></member>`);
  stub = await startStub(({ text }, response) => {
    sent.push(new URLSearchParams(text));
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      `<PublishBatchResponse><PublishBatchResult><Successful>${entries.join('')}</Successful>` +
        '<Failed><member><Id>1</Id><Code>x</Code><SenderFault>false</SenderFault></member></Failed>' +
        '</PublishBatchResult></PublishBatchResponse>',
    );
  });
  return { bus: new SnsEventBus(stubClients(stub.url).sns, TOPIC), sent };
};

describe('SnsEventBus', () => {
  it('answers false where the topic did not take an event', async () => {
    const { bus } = await open(['2', '0']);
    const events = [assetEvent(), assetEvent(), assetEvent()];
    expect(await bus.publish(events)).toEqual([true, false, true]);
  });

  it('sends the same JSON in ASCII alone, since some characters are refused', async () => {
    const { bus, sent } = await open(['0']);
    const event = assetEvent({ fileName: 'Ü \u0007 \ufffe 🏖 "\\.mp4' });
    await bus.publish([event]);
    const message = sent[0]?.get('PublishBatchRequestEntries.member.1.Message') ?? '';
    expect(message).toMatch(/^[ -~]+$/);
    expect(JSON.parse(message)).toEqual(event);
    expect(sent[0]?.get('TopicArn')).toBe(TOPIC);
  });
});
