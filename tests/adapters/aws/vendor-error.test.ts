import { BrokenCircuitError } from 'cockatiel';
import { describe, expect, it } from 'vitest';
import { type OutageCode, standingOf, vendorError } from '#adapters/aws/vendor-error.ts';
import { type ErrorCode, type ErrorKind, ForgeError } from '#domain/errors.ts';

const service = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('arn:aws:secret'), { name, $metadata: { httpStatusCode } });
const network = (code: string) => Object.assign(new Error('10.0.0.1'), { code });
const named = (name: string) => Object.assign(new Error('x'), { name });

type Row = readonly [unknown, OutageCode, ErrorCode, ErrorKind];

const S3 = 'OBJECT_STORE_UNAVAILABLE';
const SQS = 'QUEUE_UNAVAILABLE';
const SNS = 'EVENT_BUS_UNAVAILABLE';
const DYNAMO = 'STORE_UNAVAILABLE';

const TABLE: readonly Row[] = [
  [network('ECONNREFUSED'), DYNAMO, DYNAMO, 'transient'],
  [network('ECONNRESET'), S3, S3, 'transient'],
  [network('ENOTFOUND'), SQS, SQS, 'transient'],
  [network('EAI_AGAIN'), SNS, SNS, 'transient'],
  [network('CERT_HAS_EXPIRED'), S3, S3, 'transient'],
  [named('TimeoutError'), DYNAMO, DYNAMO, 'transient'],
  [named('CredentialsProviderError'), DYNAMO, 'ACCESS_DENIED', 'transient'],
  [named('CredentialsProviderError'), S3, 'ACCESS_DENIED', 'transient'],
  [service('InternalServerError', 500), DYNAMO, DYNAMO, 'transient'],
  [service('ServiceUnavailable', 503), S3, S3, 'transient'],
  [service('SyntaxError', 200), SQS, SQS, 'transient'],
  [service('ThrottlingException', 400), DYNAMO, DYNAMO, 'transient'],
  [service('ProvisionedThroughputExceededException', 400), DYNAMO, DYNAMO, 'transient'],
  [service('TransactionConflictException', 400), DYNAMO, DYNAMO, 'transient'],
  [service('TransactionInProgressException', 400), DYNAMO, DYNAMO, 'transient'],
  [service('ReplicatedWriteConflictException', 400), DYNAMO, DYNAMO, 'transient'],
  [service('SlowDown', 503), S3, S3, 'transient'],
  [service('OverLimit', 403), SQS, SQS, 'transient'],
  [service('TooManyRequests', 429), SNS, SNS, 'transient'],
  [service('RequestTimeout', 400), S3, S3, 'transient'],
  [service('RequestTimeTooSkewed', 403), S3, S3, 'transient'],
  [service('ExpiredToken', 400), S3, S3, 'transient'],
  [service('NoSuchBucket', 404), S3, S3, 'transient'],
  [service('ConditionalRequestConflict', 409), S3, S3, 'transient'],
  [service('ResourceNotFoundException', 400), DYNAMO, DYNAMO, 'transient'],
  [service('QueueDoesNotExist', 400), SQS, SQS, 'transient'],
  [service('NotFoundException', 404), SNS, SNS, 'transient'],
  [service('UnknownError', 404), SQS, SQS, 'transient'],
  [service('AccessDenied', 403), S3, 'ACCESS_DENIED', 'transient'],
  [service('AccessDeniedException', 400), DYNAMO, 'ACCESS_DENIED', 'transient'],
  [service('UnrecognizedClientException', 400), DYNAMO, 'ACCESS_DENIED', 'transient'],
  [service('Forbidden', 403), S3, 'ACCESS_DENIED', 'transient'],
  [service('NoSuchKey', 404), S3, 'SOURCE_GONE', 'permanent'],
  [service('NotFound', 404), S3, 'SOURCE_GONE', 'permanent'],
  [service('NoSuchUpload', 404), S3, 'SOURCE_GONE', 'permanent'],
  [service('UnknownError', 404), S3, 'SOURCE_GONE', 'permanent'],
  [service('PreconditionFailed', 412), S3, 'SOURCE_CHANGED', 'permanent'],
  [service('UnknownError', 412), S3, 'SOURCE_CHANGED', 'permanent'],
  [service('InvalidPart', 400), S3, 'SOURCE_CHANGED', 'permanent'],
  [service('ValidationException', 400), DYNAMO, 'INTERNAL', 'permanent'],
  [service('EntityTooLarge', 400), S3, 'INTERNAL', 'permanent'],
  [named('AbortError'), S3, 'ABORTED', 'transient'],
  [new BrokenCircuitError(), DYNAMO, DYNAMO, 'transient'],
  [new BrokenCircuitError(), SNS, SNS, 'transient'],
  [new TypeError('a bug of ours'), S3, 'INTERNAL', 'transient'],
  ['thrown text', S3, 'INTERNAL', 'transient'],
];

describe('vendorError', () => {
  it.each(TABLE)('%o from %s is %s, %s', (error, outage, code, kind) => {
    const translated = vendorError(error, outage);
    expect(translated).toBeInstanceOf(ForgeError);
    expect(translated).toMatchObject({ code, kind, cause: error });
  });

  it.each(TABLE.slice(0, -2))('%o is told without what it says', (error, outage) => {
    expect(String(vendorError(error, outage))).not.toMatch(/arn:|10\.0/);
  });

  it.each([
    [S3, 'the object store'],
    [SQS, 'the queue'],
    [SNS, 'the event bus'],
    [DYNAMO, 'the database'],
  ] as const)('says of %s without credentials what to set', (outage, service) => {
    const { message } = vendorError(named('CredentialsProviderError'), outage) as ForgeError;
    expect(message).toContain(`${service} cannot be called, because no AWS credentials were found`);
    for (const way of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'role']) {
      expect(message).toContain(way);
    }
  });

  it('is the reason of our signal where that is aborted', () => {
    const reason = new ForgeError('LEASE_LOST', 'conflict', 'gone');
    expect(vendorError(named('AbortError'), S3, AbortSignal.abort(reason))).toBe(reason);
    expect(vendorError(network('ECONNRESET'), S3, AbortSignal.abort(reason))).toBe(reason);
  });

  it('leaves a ForgeError as it is', () => {
    const error = new ForgeError('SOURCE_CHANGED', 'permanent', 'x');
    expect(vendorError(error, S3, new AbortController().signal)).toBe(error);
  });
});

describe('standingOf', () => {
  it.each([
    [network('ECONNREFUSED'), 'down'],
    [network('CERT_HAS_EXPIRED'), 'down'],
    [named('TimeoutError'), 'down'],
    [service('InternalServerError', 500), 'down'],
    [service('ServiceUnavailable', 503), 'down'],
    [service('SyntaxError', 200), 'down'],
    [Object.assign(network('ECONNRESET'), { $metadata: { attempts: 1 } }), 'down'],
    [service('ThrottlingException', 400), 'throttles'],
    [service('SlowDown', 503), 'throttles'],
    [service('TooManyRequests', 429), 'throttles'],
    [service('ConditionalCheckFailedException', 400), 'answers'],
    [service('RequestTimeout', 400), 'answers'],
    [service('NoSuchBucket', 404), 'answers'],
    [service('AccessDenied', 403), 'answers'],
    [service('PreconditionFailed', 412), 'answers'],
    [service('PermanentRedirect', 301), 'answers'],
    [named('AbortError'), 'unknown'],
    [named('CredentialsProviderError'), 'unknown'],
    [new BrokenCircuitError(), 'unknown'],
    [new TypeError('a bug of ours'), 'unknown'],
    ['thrown text', 'unknown'],
  ] as const)('says of %o: %s', (error, standing) => {
    expect(standingOf(error)).toBe(standing);
  });
});
