import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CircuitWatch } from '#adapters/aws/circuit-breaker.ts';
import { type AwsClients, type AwsConfig, awsClients } from '#adapters/aws/clients.ts';

/** An HTTP server in place of AWS, that does what a test tells it, and counts. */
export interface StubService {
  readonly url: string;
  /** How often it was called. */
  calls: number;
  close(): Promise<void>;
}

export type Handler = (
  request: IncomingMessage & { readonly text: string },
  response: ServerResponse,
) => void;

export async function startStub(handler: Handler): Promise<StubService> {
  const listener: RequestListener = async (request, response) => {
    stub.calls += 1;
    let text = '';
    // A client that left in the middle of its request is no fault of the stub's.
    try {
      for await (const chunk of request) text += chunk;
    } catch {
      return;
    }
    handler(Object.assign(request, { text }), response);
  };
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stub: StubService = {
    url: `http://127.0.0.1:${port}`,
    calls: 0,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return stub;
}

/** The headers of an answer of SQS, SNS or DynamoDB. */
export const JSON_HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

/** Short enough for tests, far enough apart to tell one from the other. */
export const STUB_TIMEOUTS = {
  connectMs: 1000,
  requestMs: 200,
  receiveSlackMs: 300,
  completeMultipartMs: 1500,
  bodyIdleMs: 300,
} as const;

/** As in production, but that faults may come all at once. */
export const STUB_CIRCUIT = {
  failuresMax: 5,
  failuresSpreadMs: 0,
  trialAfterMs: 1000,
  trialAfterMsMax: 30_000,
} as const;

/** A queue of a stub, polled as in production but for its time-out. */
export const STUB_QUEUE = {
  queueUrl: 'http://nowhere/1/q',
  deadLetterQueueUrl: 'http://nowhere/1/dlq',
  consumers: 4,
  waitSeconds: 20,
  visibilitySeconds: 30,
  receiveSlackMs: STUB_TIMEOUTS.receiveSlackMs,
  backoffBaseMs: 200,
  backoffCapMs: 20_000,
} as const;

/** Clients of a stub, or of nothing at all. */
export function stubClients(
  url: string,
  profile: 'api' | 'worker' = 'worker',
  over: Partial<AwsConfig> = {},
  watch?: CircuitWatch,
): AwsClients {
  const config: AwsConfig = {
    region: 'eu-central-1',
    endpoints: { s3: url, sqs: url, sns: url, dynamodb: url },
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    timeouts: STUB_TIMEOUTS,
    circuit: STUB_CIRCUIT,
    callsMaxApi: 2,
    socketsMax: 16,
    ...over,
  };
  return awsClients(config, profile, watch);
}
