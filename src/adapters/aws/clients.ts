import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Circuit } from '#ports/circuit.ts';
import { type CircuitOptions, type CircuitWatch, guard } from './circuit-breaker.ts';

/** How long a call may take, by what it does. */
export interface AwsTimeouts {
  readonly connectMs: number;
  /** Until the answer begins; every call but those below. */
  readonly requestMs: number;
  /** On top of a long poll's own wait. */
  readonly receiveSlackMs: number;
  /** S3 may assemble a large upload for minutes. */
  readonly completeMultipartMs: number;
  /** A body that brings nothing for this long is dead. */
  readonly bodyIdleMs: number;
}

/** Where AWS is, and how patiently it is called. An endpoint that is absent is AWS's own. */
export interface AwsConfig {
  readonly region: string;
  readonly endpoints: {
    readonly s3?: string | undefined;
    readonly sqs?: string | undefined;
    readonly sns?: string | undefined;
    readonly dynamodb?: string | undefined;
  };
  /** Absent: the SDK's own chain. */
  readonly credentials?:
    | { readonly accessKeyId: string; readonly secretAccessKey: string }
    | undefined;
  /** Where clients reach S3, if it is not where we do: presigned URLs are signed for it. */
  readonly s3PublicEndpoint?: string | undefined;
  readonly timeouts: AwsTimeouts;
  readonly circuit: CircuitOptions;
  /** Calls the SDK makes in the API, the first one included. */
  readonly callsMaxApi: number;
  /** Per service. An open long poll holds one, and so does a body that is being read. */
  readonly socketsMax: number;
}

/** Who calls: the worker has a retry operator of its own, so its SDK makes every call once. */
export type AwsProfile = 'api' | 'worker';

/** One circuit per dependency that is called through the SDK. */
export interface AwsCircuits {
  readonly store: Circuit;
  readonly objects: Circuit;
  readonly events: Circuit;
}

/** The clients that the adapters share. */
export interface AwsClients {
  readonly s3: S3Client;
  /** Signs, and is never called. */
  readonly s3Presign: S3Client;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamodb: DynamoDBClient;
  /**
   * How the services behind those clients are doing. SQS has no circuit: polls of a queue that does not answer wait by
   * themselves, longer each time, and a message that cannot be deleted is worth the few calls that try.
   */
  readonly circuits: AwsCircuits;
  /** Closes every connection. */
  destroy(): void;
}

/** SQS's longest poll. Source: SQS ReceiveMessage, WaitTimeSeconds. */
const LONG_POLL_MS_MAX = 20_000;

/**
 * The SDK's clients, with every time-out thrown: by default a slow request is only logged.
 *
 * @param watch Where their circuits tell of themselves.
 */
export function awsClients(
  config: AwsConfig,
  profile: AwsProfile,
  watch?: CircuitWatch,
): AwsClients {
  const { timeouts, endpoints, circuit } = config;
  const common = {
    region: config.region,
    ...(config.credentials && { credentials: config.credentials }),
    maxAttempts: profile === 'api' ? config.callsMaxApi : 1,
  };
  const s3Common = {
    ...common,
    requestHandler: handlerOptions(config, timeouts.completeMultipartMs),
    forcePathStyle: true,
    // Otherwise a presigned PUT carries the CRC of an empty body, and emulators refuse streams.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The SDK waits up to 6 s for a `100 Continue` that emulators never send.
    expectContinueHeader: false,
  } as const;
  const s3 = new S3Client({ ...s3Common, ...at(endpoints.s3) });
  const s3Presign = new S3Client({ ...s3Common, ...at(config.s3PublicEndpoint ?? endpoints.s3) });
  const sqs = new SQSClient({
    ...common,
    ...at(endpoints.sqs),
    requestHandler: handlerOptions(config, LONG_POLL_MS_MAX + timeouts.receiveSlackMs),
    // Emulators put a host into queue URLs that may not resolve here.
    useQueueUrlAsEndpoint: false,
    // TLS has checked every byte already; an MD5 of each message on top of that is a fifth of a receive's work here.
    md5: false,
  });
  const quick = { ...common, requestHandler: handlerOptions(config, timeouts.requestMs) };
  const sns = new SNSClient({ ...quick, ...at(endpoints.sns) });
  const dynamodb = new DynamoDBClient({ ...quick, ...at(endpoints.dynamodb) });
  return {
    s3,
    s3Presign,
    sqs,
    sns,
    dynamodb,
    circuits: {
      store: guard(dynamodb, 'store', circuit, watch),
      objects: guard(s3, 'objects', circuit, watch),
      events: guard(sns, 'events', circuit, watch),
    },
    destroy: () => {
      for (const client of [s3, s3Presign, sqs, sns, dynamodb]) client.destroy();
    },
  };
}

const at = (endpoint: string | undefined) => (endpoint === undefined ? {} : { endpoint });

/** @param idleMs The request's time-out ends when the answer begins; this one finds the answer that stops midway. */
function handlerOptions({ timeouts, socketsMax }: AwsConfig, idleMs: number) {
  const agent = { keepAlive: true, maxSockets: socketsMax };
  return {
    connectionTimeout: timeouts.connectMs,
    requestTimeout: timeouts.requestMs,
    socketTimeout: idleMs,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  };
}
