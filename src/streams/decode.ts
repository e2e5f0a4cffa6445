import type { ProcessCommand } from '#domain/command.ts';
import { assetName, isAssetId, parseSourceKey, TENANT_PATTERN } from '#domain/keys.ts';
import type { QueueMessage } from '#ports/queue.ts';
import type { Done, Foreign, Job } from './job.ts';
import type { Outcome } from './outcome.ts';

type Decoded = Job | Foreign | Done;
type Content = Pick<Job, 'command'> | Pick<Foreign, 'key'> | Pick<Done, 'outcome'>;
type Json = Readonly<Record<string, unknown>>;

const malformed = (detail: string): Content => ({
  outcome: { kind: 'dead', code: 'MALFORMED_MESSAGE', detail },
});
const done = (why: string): Content => ({ outcome: { kind: 'done', why } satisfies Outcome });

/**
 * The parts of a message: S3's event records, a command of ours, or an outcome that is known at once: a test event is
 * done, what makes no sense is dead. An SNS envelope is opened. Never throws.
 */
export function decode(message: QueueMessage): readonly Decoded[] {
  const contents = distinct(contentsOf(parseJson(message.body)));
  return contents.map((content) => ({ message, parts: contents.length, ...content }));
}

/** One job per asset: two in one message would find each other's lock held, whenever it comes again. */
function distinct(contents: readonly Content[]): readonly Content[] {
  const named = contents.map(
    (content, i) => ['command' in content ? assetName(content.command) : i, content] as const,
  );
  return [...new Map(named).values()];
}

function contentsOf(body: Json | null): readonly Content[] {
  if (body === null) return [malformed('the body is not a JSON object')];
  if (body['Type'] === 'Notification' && typeof body['Message'] === 'string') {
    return contentsOf(parseJson(body['Message']));
  }
  if (body['Event'] === 's3:TestEvent') return [done('test event')];
  if (body['kind'] === 'process') return [commandOf(body)];
  const records = body['Records'];
  if (!Array.isArray(records)) return [malformed('neither an S3 event nor a command')];
  if (records.length === 0) return [malformed('an S3 event without records')];
  return records.map((record: unknown) => recordOf(record));
}

function commandOf({ tenant, assetId, generation }: Json): Content {
  const valid =
    typeof tenant === 'string' &&
    TENANT_PATTERN.test(tenant) &&
    typeof assetId === 'string' &&
    isAssetId(assetId) &&
    typeof generation === 'number' &&
    Number.isSafeInteger(generation) &&
    generation >= 1;
  if (!valid) return malformed('a command without tenant, asset id or generation');
  const command: ProcessCommand = { kind: 'process', tenant, assetId, generation };
  return { command };
}

/** S3's event always means generation 1: later generations are opened by commands. */
function recordOf(record: unknown): Content {
  const eventName = at(record, 'eventName');
  if (typeof eventName !== 'string') return malformed('a record without an event name');
  if (!/^(s3:)?ObjectCreated:/.test(eventName)) return done('event of another kind');
  const object = at(at(record, 's3'), 'object');
  const key = decodeKey(at(object, 'key'));
  if (key === null) return malformed('a record without a readable object key');
  const asset = parseSourceKey(key);
  if (!asset) return { key };
  const eTag = at(object, 'eTag');
  const etag =
    typeof eTag === 'string' && eTag !== '' ? { etag: `"${eTag.replaceAll('"', '')}"` } : {};
  return { command: { kind: 'process', ...asset, generation: 1, ...etag } };
}

/** Keys in S3's events are form-encoded: `+` is a space. */
function decodeKey(encoded: unknown): string | null {
  if (typeof encoded !== 'string' || encoded === '') return null;
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

function parseJson(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Json)
      : null;
  } catch {
    return null;
  }
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;
}
