import {
  type Message,
  type MessageAttributeValue,
  MessageSystemAttributeName,
} from '@aws-sdk/client-sqs';
import type { QueueMessage } from '#ports/queue.ts';

/** SQS's bound on a message's attributes. */
const ATTRIBUTES_MAX = 10;

/** Enough to say what was wrong; the rest is in the logs. */
const DETAIL_CHARS_MAX = 1024;

/** What SQS does not take: everything that XML 1.0 has no place for. */
const ILLEGAL = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const SYSTEM_ATTRIBUTES: ReadonlySet<string> = new Set(Object.values(MessageSystemAttributeName));

/** A message as received. Its attributes are the sender's and SQS's own, such as `SentTimestamp`. */
export function toQueueMessage(message: Message): QueueMessage {
  const { Attributes = {}, MessageAttributes = {} } = message;
  const sent = Object.entries(MessageAttributes).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue]],
  );
  return {
    id: message.MessageId ?? '',
    body: message.Body ?? '',
    receipt: message.ReceiptHandle ?? '',
    receiveCount: Number(Attributes['ApproximateReceiveCount'] ?? 1),
    attributes: { ...Attributes, ...Object.fromEntries(sent) },
  };
}

/** Attributes as SQS takes them: none of them empty. */
export function toMessageAttributes(
  attributes: Readonly<Record<string, string>> = {},
): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, text]) => text !== '')
      .map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
  );
}

/** The attributes of a dead letter: why it is one, and what it was sent with. */
export function deadLetterAttributes(
  { id, attributes }: QueueMessage,
  reason: { readonly code: string; readonly detail: string },
): Record<string, MessageAttributeValue> {
  const why = { code: reason.code, detail: legalText(reason.detail), sourceMessageId: id };
  const sent = Object.entries(attributes)
    .filter(([name]) => !SYSTEM_ATTRIBUTES.has(name) && !(name in why))
    .slice(0, ATTRIBUTES_MAX - Object.keys(why).length);
  return toMessageAttributes({ ...Object.fromEntries(sent), ...why });
}

/** The text as far as SQS takes it. */
function legalText(text: string): string {
  return [...text.replace(ILLEGAL, '\u{fffd}')].slice(0, DETAIL_CHARS_MAX).join('');
}
