import { AssertionError } from 'node:assert';
import { isBrokenCircuitError } from 'cockatiel';
import { type ErrorCode, type ErrorKind, ForgeError, toForgeError } from '#domain/errors.ts';

/** The code a service's outage goes by. */
export type OutageCode = Extract<
  ErrorCode,
  'STORE_UNAVAILABLE' | 'OBJECT_STORE_UNAVAILABLE' | 'QUEUE_UNAVAILABLE' | 'EVENT_BUS_UNAVAILABLE'
>;

/**
 * What an error says of the service it came from: that it is out, that it is called too often, that it is there and has
 * refused, or nothing, for the call was left, never went out, or met a bug of ours.
 */
export type Standing = 'down' | 'throttles' | 'answers' | 'unknown';

/** What is read of an error of the SDK, or of Node below it. */
interface VendorError {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

interface Row {
  /** Names and codes that mean this. */
  readonly names: readonly string[];
  /** The HTTP statuses that mean it where no name does: HEAD, for one, has no body to name it in. */
  readonly statuses: readonly number[];
  /** What they mean; `outage` stands for the service's own code. */
  readonly code: ErrorCode | 'outage';
  readonly kind: ErrorKind;
  readonly message: string;
  /** What it says of the service, where the status does not. */
  readonly standing?: Standing;
}

/** First match wins, names before statuses. Names are those of S3, SQS, SNS, DynamoDB and STS, of the SDK and of Node. */
const ROWS: readonly Row[] = [
  {
    names: ['AbortError'],
    statuses: [],
    code: 'ABORTED',
    kind: 'transient',
    message: 'was left',
    standing: 'unknown',
  },
  {
    names: ['BrokenCircuitError'],
    statuses: [],
    code: 'outage',
    kind: 'transient',
    message: 'is not called for now, because it failed',
    standing: 'unknown',
  },
  {
    names: ['CredentialsProviderError'],
    statuses: [],
    code: 'ACCESS_DENIED',
    // Whoever runs it has to give them, and may do so while it runs.
    kind: 'transient',
    message:
      'cannot be called, because no AWS credentials were found: the AWS SDK takes AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile (AWS_PROFILE) or a role',
    standing: 'unknown',
  },
  {
    names: [
      'ThrottlingException',
      'Throttling',
      'ThrottledException',
      'RequestThrottled',
      'RequestThrottledException',
      'RequestLimitExceeded',
      'TooManyRequestsException',
      'ProvisionedThroughputExceededException',
      'LimitExceededException',
      'BandwidthLimitExceeded',
      'PriorRequestNotComplete',
      'TransactionInProgressException',
      'OverLimit',
      'SlowDown',
      'KmsThrottled',
      'KMSThrottlingException',
    ],
    statuses: [429],
    code: 'outage',
    kind: 'transient',
    message: 'is called too often',
    standing: 'throttles',
  },
  {
    names: [
      'RequestTimeout',
      'RequestTimeTooSkewed',
      'RequestExpired',
      'ExpiredToken',
      'ExpiredTokenException',
      'ConditionalRequestConflict',
      // Somebody else's: no step here is a transaction, and no condition has been looked at.
      'TransactionConflictException',
      'ReplicatedWriteConflictException',
      'OperationAborted',
      'NoSuchBucket',
      'ResourceNotFoundException',
      'QueueDoesNotExist',
      'AWS.SimpleQueueService.NonExistentQueue',
      'NotFoundException',
    ],
    statuses: [408, 409, 425],
    code: 'outage',
    kind: 'transient',
    message: 'cannot serve the call right now',
  },
  {
    names: [
      'AccessDenied',
      'AccessDeniedException',
      'AllAccessDisabled',
      'AuthorizationError',
      'AuthorizationErrorException',
      'InvalidAccessKeyId',
      'InvalidClientTokenId',
      'InvalidSecurity',
      'KmsAccessDenied',
      'KMSAccessDeniedException',
      'MissingAuthenticationToken',
      'NotAuthorized',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
    ],
    statuses: [401, 403],
    code: 'ACCESS_DENIED',
    // A role or a policy is wrong, which is nobody's bad file.
    kind: 'transient',
    message: 'refuses these credentials',
  },
  {
    names: ['NoSuchKey', 'NotFound', 'NoSuchUpload', 'NoSuchVersion'],
    statuses: [404],
    code: 'SOURCE_GONE',
    kind: 'permanent',
    message: 'has no such object',
  },
  {
    names: ['PreconditionFailed', 'InvalidPart', 'InvalidPartOrder'],
    statuses: [412],
    code: 'SOURCE_CHANGED',
    kind: 'permanent',
    message: 'has another object there',
  },
];

type Verdict = Pick<Row, 'code' | 'kind' | 'message'>;

const UNREACHABLE: Verdict = { code: 'outage', kind: 'transient', message: 'does not answer' };

/** Any other 4xx is our own fault, and would be the same the next time. */
const INCOMPREHENSIBLE: Verdict = {
  code: 'INTERNAL',
  kind: 'permanent',
  message: 'does not accept the call',
};

const SERVICE: Readonly<Record<OutageCode, string>> = {
  STORE_UNAVAILABLE: 'the database',
  OBJECT_STORE_UNAVAILABLE: 'the object store',
  QUEUE_UNAVAILABLE: 'the queue',
  EVENT_BUS_UNAVAILABLE: 'the event bus',
};

/** As Node and OpenSSL name what goes wrong below HTTP: ECONNRESET, EAI_AGAIN, CERT_HAS_EXPIRED, … */
const NETWORK_CODE = /^[A-Z][A-Z0-9_]+$/;

/** What the SDK throws by itself, with neither an answer nor a code. */
const OWN_NAMES = ['TimeoutError', 'AbortError', 'CredentialsProviderError'];

/**
 * The one table from what AWS says to what StreamForge understands. Its message is safe to show; what AWS said is the cause.
 *
 * @param outage What an outage of the called service is called.
 * @param signal Ours: where it is aborted, its reason is the error, whatever the SDK made of it.
 */
export function vendorError(error: unknown, outage: OutageCode, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof ForgeError) return error;
  if (!isVendors(error)) return toForgeError(error);
  const { code, kind, message } = verdict(error, outage);
  const text = `${SERVICE[outage]} ${message}`;
  return new ForgeError(code === 'outage' ? outage : code, kind, text, { cause: error });
}

/** What an error of the SDK, as it was thrown, says of the service. */
export function standingOf(error: unknown): Standing {
  if (!isVendors(error)) return 'unknown';
  const status = error.$metadata?.httpStatusCode ?? 0;
  return rowOf(error)?.standing ?? (status >= 300 && status < 500 ? 'answers' : 'down');
}

/** Whether it comes from AWS, or from the way there; a bug of ours does not. */
function isVendors(error: unknown): error is VendorError {
  if (!(error instanceof Error)) return false;
  const ours = [TypeError, RangeError, SyntaxError, AssertionError].some(
    (bug) => error instanceof bug,
  );
  const { $metadata, code = '', name }: VendorError = error;
  if ($metadata || isBrokenCircuitError(error)) return true;
  return !ours && (NETWORK_CODE.test(code) || OWN_NAMES.includes(name ?? ''));
}

function rowOf(error: VendorError): Row | undefined {
  const { code = '', $metadata } = error;
  // cockatiel's has no name of its own.
  const name = isBrokenCircuitError(error) ? 'BrokenCircuitError' : (error.name ?? '');
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    ROWS.find(({ names }) => names.includes(name) || names.includes(code)) ??
    ROWS.find(({ statuses }) => statuses.includes(status))
  );
}

function verdict(error: VendorError, outage: OutageCode): Verdict {
  const row = rowOf(error);
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (!row) return status >= 400 && status < 500 ? INCOMPREHENSIBLE : UNREACHABLE;
  // "No such" and "another" are about objects; anywhere else it is our set-up that is missing.
  const aboutObjects = row.code === 'SOURCE_GONE' || row.code === 'SOURCE_CHANGED';
  return aboutObjects && outage !== 'OBJECT_STORE_UNAVAILABLE' ? UNREACHABLE : row;
}
