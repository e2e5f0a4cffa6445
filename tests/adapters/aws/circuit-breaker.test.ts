// The contract over a real client and an HTTP server that fails; then what counts as a fault, and what is told. Only the
// time of day is ours, so that a wait is over at once.
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AwsCircuits, AwsConfig } from '#adapters/aws/clients.ts';
import { DynamoAssetStore } from '#adapters/aws/dynamo-asset-store.ts';
import { S3ObjectStore } from '#adapters/aws/s3-object-store.ts';
import { SnsEventBus } from '#adapters/aws/sns-event-bus.ts';
import { type Conduct, circuitContract } from '../../contracts/circuit.contract.ts';
import { assetEvent, pendingAsset } from '../../contracts/fixtures.ts';
import { RecordedLog } from '../../support/recorded-log.ts';
import { RecordedMetrics } from '../../support/recorded-metrics.ts';
import {
  type Handler,
  JSON_HEADERS,
  STUB_CIRCUIT,
  STUB_QUEUE,
  STUB_TIMEOUTS,
  type StubService,
  startStub,
  stubClients,
} from './stub-service.ts';

const { failuresMax, trialAfterMs, trialAfterMsMax } = STUB_CIRCUIT;

let stub: StubService;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await stub.close();
});

const elapse = (ms: number) => vi.setSystemTime(Date.now() + ms);
const error = (name: string, status: number): Handler =>
  function answer(_request, response) {
    response.writeHead(status, JSON_HEADERS).end(JSON.stringify({ __type: `x#${name}` }));
  };

const CONDUCT: Readonly<Record<Conduct, Handler>> = {
  well: (_request, response) => response.writeHead(200, JSON_HEADERS).end('{}'),
  down: error('InternalServerError', 500),
  refuses: error('ConditionalCheckFailedException', 400),
  throttles: error('ProvisionedThroughputExceededException', 400),
  silent: () => {},
};

/** On a busy machine an answer takes a while, and must not be taken for silence. */
const PATIENT = { timeouts: { ...STUB_TIMEOUTS, requestMs: 30_000, bodyIdleMs: 30_000 } };

circuitContract('the breaker of a client', async () => {
  let conduct: Conduct = 'well';
  stub = await startStub((request, response) => CONDUCT[conduct](request, response));
  const { dynamodb, circuits } = stubClients(stub.url, 'worker', PATIENT);
  const get = new GetItemCommand({ TableName: 't', Key: {} });
  return {
    circuit: circuits.store,
    failuresMax,
    waitMsMax: (trials) => Math.min(trialAfterMsMax, trialAfterMs * 2 ** trials),
    behave: (next) => {
      conduct = next;
    },
    call: (abortSignal) => dynamodb.send(get, abortSignal ? { abortSignal } : {}),
    calls: () => stub.calls,
    untilCalls: (calls) => expect.poll(() => stub.calls).toBe(calls),
    elapse,
    close: async () => dynamodb.destroy(),
  };
});

const open = async (
  handler: Handler,
  profile: 'api' | 'worker' = 'worker',
  over: Partial<AwsConfig> = PATIENT,
) => {
  stub = await startStub(handler);
  const watch = { log: new RecordedLog(), metrics: new RecordedMetrics() };
  return { ...watch, ...stubClients(stub.url, profile, over, watch) };
};
type Opened = Awaited<ReturnType<typeof open>>;

const CALLS: Readonly<Record<keyof AwsCircuits, (clients: Opened) => Promise<unknown>>> = {
  store: ({ dynamodb }) => dynamodb.send(new GetItemCommand({ TableName: 't', Key: {} })),
  objects: ({ s3 }) => s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' })),
  events: ({ sns }) => sns.send(new PublishCommand({ TopicArn: 'arn:t', Message: 'm' })),
};

/** Calls that may do what they like, one after the other. */
async function repeat(times: number, call: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < times; n += 1) await call().catch(() => undefined);
}

describe('a fault', () => {
  it.each([
    ['a server error', error('InternalServerError', 500)],
    ['an overload without a name', error('Unknown', 503)],
    ['a gateway that answers in its place', error('Unknown', 504)],
    ['an answer that is not AWS', (_request, response) => response.end('<html>maintenance</html>')],
    ['a connection that breaks', (request) => request.socket.destroy()],
    ['silence', () => {}],
  ] as readonly [string, Handler][])('is %s', async (_, handler) => {
    const clients = await open(handler, 'worker', {});
    await repeat(failuresMax, () => CALLS.store(clients));
    expect(clients.circuits.store.admits).toBe('none');
    await expect(CALLS.store(clients)).rejects.toMatchObject({ isBrokenCircuitError: true });
    expect(stub.calls).toBe(failuresMax);
  });

  it('is none where connections break all at once, as those do that were idle, but for the next try', async () => {
    const circuit = { ...STUB_CIRCUIT, failuresSpreadMs: 50 };
    const clients = await open((request) => request.socket.destroy(), 'worker', { circuit });
    await repeat(3 * failuresMax, () => CALLS.store(clients));
    expect(clients.circuits.store).toMatchObject({ admits: 'all', failures: 3 * failuresMax });
    elapse(49);
    await repeat(1, () => CALLS.store(clients));
    expect(clients.circuits.store.admits).toBe('all');
    elapse(1);
    await repeat(1, () => CALLS.store(clients));
    expect(clients.circuits.store.admits).toBe('none');
  });

  it('is a service where nobody listens', async () => {
    const clients = await open(CONDUCT.well);
    const gone = stubClients('http://127.0.0.1:1');
    await repeat(failuresMax, () => CALLS.store({ ...clients, ...gone }));
    expect(gone.circuits.store).toMatchObject({ admits: 'none', failures: failuresMax });
  });

  it.each([
    ['a failed condition', 'ConditionalCheckFailedException', 400],
    ['our own mistake', 'ValidationException', 400],
    ['a refusal', 'AccessDeniedException', 400],
    ['a missing table', 'ResourceNotFoundException', 400],
    ['an unknown 404', 'Unknown', 404],
    ['a redirect', 'PermanentRedirect', 301],
  ])('is not %s', async (_, name, status) => {
    const clients = await open(error(name, status));
    await repeat(2 * failuresMax, () => CALLS.store(clients));
    expect(clients.circuits.store).toMatchObject({ admits: 'all', throttles: 0, failures: 0 });
  });

  it.each([
    ['ThrottlingException', 400],
    ['SlowDown', 503],
    ['Unknown', 429],
  ])('is not %s %i, which is a throttle', async (name, status) => {
    const clients = await open(error(name, status));
    await repeat(2 * failuresMax, () => CALLS.store(clients));
    const throttles = 2 * failuresMax;
    expect(clients.circuits.store).toMatchObject({ admits: 'all', throttles, failures: 0 });
  });

  it('is not a call that could not be sent for want of credentials, nor a bug', async () => {
    const clients = await open(CONDUCT.well);
    const { s3 } = clients;
    s3.config.credentials = async () => {
      throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' });
    };
    await repeat(2 * failuresMax, () => CALLS.objects(clients));
    await repeat(2 * failuresMax, () => s3.send(new HeadObjectCommand({ Bucket: 'b', Key: '' })));
    expect(clients.circuits.objects).toMatchObject({ admits: 'all', failures: 0 });
  });

  it('counts once, however often the SDK has tried', async () => {
    const clients = await open(CONDUCT.down, 'api');
    await repeat(failuresMax - 1, () => CALLS.store(clients));
    expect(clients.circuits.store).toMatchObject({ admits: 'all', failures: failuresMax - 1 });
    expect(stub.calls).toBe(2 * (failuresMax - 1));
  });
});

describe('circuits', () => {
  it.each(['store', 'objects', 'events'] as const)('there is one for %s alone', async (name) => {
    const clients = await open(CONDUCT.down);
    await repeat(failuresMax, () => CALLS[name](clients));
    const { store, objects, events } = clients.circuits;
    const admits = { store: store.admits, objects: objects.admits, events: events.admits };
    expect(admits).toEqual({ store: 'all', objects: 'all', events: 'all', [name]: 'none' });
  });

  it('make an open one an outage, transient, by the code of each port', async () => {
    const clients = await open(CONDUCT.down);
    for (const call of Object.values(CALLS)) await repeat(failuresMax, () => call(clients));
    const before = stub.calls;
    const objects = new S3ObjectStore(clients, { bucket: 'b', timeouts: STUB_TIMEOUTS });
    const message = expect.stringContaining('is not called for now, because it failed');
    const outage = { kind: 'transient', message };
    await expect(
      new DynamoAssetStore(clients.dynamodb, 't').get(pendingAsset()),
    ).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', ...outage });
    await expect(objects.head('k')).rejects.toMatchObject({
      code: 'OBJECT_STORE_UNAVAILABLE',
      ...outage,
    });
    await expect(
      new SnsEventBus(clients.sns, 'arn:t').publish([assetEvent()]),
    ).rejects.toMatchObject({ code: 'EVENT_BUS_UNAVAILABLE', ...outage });
    expect(stub.calls).toBe(before);
  });

  it('keep nobody from signing a URL', async () => {
    const clients = await open(CONDUCT.down);
    await repeat(failuresMax, () => CALLS.objects(clients));
    const objects = new S3ObjectStore(clients, { bucket: 'b', timeouts: STUB_TIMEOUTS });
    const request = { key: 'k', contentType: 'video/mp4', size: 1, expiresSeconds: 60 };
    await expect(objects.presignPut(request)).resolves.toMatchObject({ method: 'PUT' });
  });

  it('there is none for SQS, whose polls wait by themselves', async () => {
    const { sqs } = await open(CONDUCT.down);
    const get = new GetQueueAttributesCommand({ QueueUrl: STUB_QUEUE.queueUrl });
    await repeat(3 * failuresMax, () => sqs.send(get));
    expect(stub.calls).toBe(3 * failuresMax);
  });
});

describe('what a circuit tells', () => {
  it('is said once when it opens and once when it closes, and counted', async () => {
    let conduct: Conduct = 'down';
    const clients = await open((request, response) => CONDUCT[conduct](request, response));
    const { log, metrics } = clients;
    const isOpen = 'sf_circuit_open{dependency="store"}';
    expect(metrics.gauges[isOpen]).toBe(0);
    await repeat(2 * failuresMax, () => CALLS.store(clients));
    for (const trials of [0, 1]) {
      elapse(trialAfterMs * 2 ** trials);
      await repeat(3, () => CALLS.store(clients));
    }
    expect(metrics.gauges[isOpen]).toBe(1);
    elapse(trialAfterMsMax);
    conduct = 'throttles';
    await repeat(2, () => CALLS.store(clients));
    expect(metrics.gauges).toEqual({
      [isOpen]: 0,
      'sf_circuit_open{dependency="objects"}': 0,
      'sf_circuit_open{dependency="events"}': 0,
    });
    expect(metrics.counts).toEqual({
      'sf_circuit_failures_total{dependency="store"}': failuresMax + 2,
      'sf_circuit_throttles_total{dependency="store"}': 2,
    });
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'dependency is not called for now',
        fields: { dependency: 'store', reason: 'InternalServerError', failures: failuresMax },
      },
      { level: 'info', message: 'dependency is called again', fields: { dependency: 'store' } },
    ]);
  });

  it('waits no longer than the longest wait, never less than half', async () => {
    const clients = await open(CONDUCT.down);
    await repeat(failuresMax, () => CALLS.store(clients));
    for (let trials = 0; trials < 8; trials += 1) {
      const waitMs = Math.min(trialAfterMsMax, trialAfterMs * 2 ** trials);
      elapse(waitMs / 2 - 1);
      expect(clients.circuits.store.admits).toBe('none');
      elapse(waitMs / 2 + 1);
      expect(clients.circuits.store.admits).toBe('one');
      await repeat(1, () => CALLS.store(clients));
    }
  });
});
