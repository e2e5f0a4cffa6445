import { describe, expect, it } from 'vitest';
import {
  deadLetterAttributes,
  toMessageAttributes,
  toQueueMessage,
} from '#adapters/aws/sqs-message.ts';

const message = (attributes: Readonly<Record<string, string>> = {}) => ({
  id: 'm-1',
  body: 'b',
  receipt: 'r',
  receiveCount: 3,
  attributes,
});
const why = { code: 'MALFORMED_MESSAGE', detail: 'no JSON' };
const texts = (attributes: ReturnType<typeof deadLetterAttributes>) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { StringValue }]) => [name, StringValue]),
  );

describe('toQueueMessage', () => {
  it('reads what SQS says of a message beside what its sender did', () => {
    expect(
      toQueueMessage({
        MessageId: 'm-1',
        ReceiptHandle: 'r',
        Body: 'b',
        Attributes: { ApproximateReceiveCount: '3', SentTimestamp: '17' },
        MessageAttributes: {
          traceparent: { DataType: 'String', StringValue: '00-a' },
          picture: { DataType: 'Binary', BinaryValue: new Uint8Array(1) },
        },
      }),
    ).toEqual(message({ ApproximateReceiveCount: '3', SentTimestamp: '17', traceparent: '00-a' }));
  });

  it('takes a message without a count for its first delivery', () => {
    expect(toQueueMessage({})).toMatchObject({ receiveCount: 1, attributes: {} });
  });
});

describe('toMessageAttributes', () => {
  it('leaves out what is empty, which SQS refuses', () => {
    expect(toMessageAttributes({ a: '', b: 'x' })).toEqual({
      b: { DataType: 'String', StringValue: 'x' },
    });
  });
});

describe('deadLetterAttributes', () => {
  it('says why, and what the message was sent with', () => {
    expect(texts(deadLetterAttributes(message({ traceparent: '00-a' }), why))).toEqual({
      code: 'MALFORMED_MESSAGE',
      detail: 'no JSON',
      sourceMessageId: 'm-1',
      traceparent: '00-a',
    });
  });

  it('leaves out what SQS says itself', () => {
    const attributes = deadLetterAttributes(message({ SentTimestamp: '1', SenderId: 'x' }), why);
    expect(Object.keys(attributes)).not.toContain('SentTimestamp');
    expect(Object.keys(attributes)).not.toContain('SenderId');
  });

  it('keeps its own where the message has some of the same name, and ten at most', () => {
    const many = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`a${i}`, 'x']));
    const attributes = texts(deadLetterAttributes(message({ code: 'forged', ...many }), why));
    expect(attributes['code']).toBe('MALFORMED_MESSAGE');
    expect(Object.keys(attributes)).toHaveLength(10);
  });

  it('replaces what SQS does not take, and cuts where nobody reads on', () => {
    const detail = `a\u0000b\u0007c\ud800d\ufffe\t🏖${'x'.repeat(5000)}`;
    const { detail: legal = '' } = texts(deadLetterAttributes(message(), { ...why, detail }));
    expect(legal.startsWith('a\ufffdb\ufffdc\ufffdd\ufffd\t🏖x')).toBe(true);
    expect([...legal]).toHaveLength(1024);
  });

  it('has no detail where there is none to tell', () => {
    const attributes = deadLetterAttributes(message(), { ...why, detail: '' });
    expect(Object.keys(attributes)).toEqual(['code', 'sourceMessageId']);
  });
});
