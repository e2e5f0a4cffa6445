import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { vi } from 'vitest';
import { listen } from '../../support/loopback-server.ts';
import { EVENTUALLY } from '../../support/queue-watch.ts';

/** A request, its body complete, as a rule looks at it. */
export interface SeenRequest {
  /** `DeleteMessageBatch`, `UpdateItem`, `PublishBatch`; of S3 the HTTP method. */
  readonly operation: string;
  readonly path: string;
  readonly body: string;
}

/** What is answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What becomes of a request: `lost reply` lets the service act, and cuts the connection in place of its answer; `cut` cuts it
 * before; an answer is made up, and the service hears of nothing.
 */
export type HttpFault = 'lost reply' | 'cut' | Answer | ((request: SeenRequest) => Answer);

/** A fault that is in force. */
export interface Injection {
  /** How many requests have met it. */
  readonly met: number;
  untilMet(count: number): Promise<void>;
  end(): void;
}

/** A request that the service itself has answered, whether or not the caller heard of it. */
export interface Exchange extends SeenRequest {
  readonly status: number;
  readonly answer: string;
}

/** A service's endpoint that knows what it is asked for, and fails at the operations that a test names. */
export interface HttpFaultProxy {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  /**
   * The oldest injection whose rule a request meets decides about it.
   *
   * @param rule The name of an operation, or a look at the request.
   * @param times How many requests meet it before it ends by itself.
   */
  inject(
    rule: string | ((request: SeenRequest) => boolean),
    fault: HttpFault,
    times?: number,
  ): Injection;
  close(): Promise<void>;
}

interface Active {
  readonly applies: (request: SeenRequest) => boolean;
  readonly fault: HttpFault;
  left: number;
  met: number;
}

/** A proxy before an endpoint of AWS, which forwards all until it is told otherwise. */
export async function httpFaultProxy(target: string): Promise<HttpFaultProxy> {
  const active = new Set<Active>();
  const exchanges: Exchange[] = [];
  const handle = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const sent = await buffer(incoming);
    const seen = seenOf(incoming, sent.toString());
    const fault = take(active, seen);
    if (fault === 'cut') {
      incoming.socket.destroy();
      return;
    }
    if (fault !== null && fault !== 'lost reply') {
      const { status, headers, body } = typeof fault === 'function' ? fault(seen) : fault;
      answer.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
      return;
    }
    const response = await forward(target, incoming, sent, answer);
    const { statusCode: status = 502, rawHeaders } = response;
    const got = await buffer(response);
    exchanges.push({ ...seen, status, answer: got.toString() });
    if (fault === 'lost reply') incoming.socket.destroy();
    else answer.writeHead(status, rawHeaders).end(got);
  };
  const server = createServer((incoming, answer) => {
    // Who leaves in the middle, on either side, is cut off on the other.
    handle(incoming, answer).catch(() => incoming.socket.destroy());
  });
  const { url, close } = await listen(server);
  return {
    url,
    exchanges,
    inject: (rule, fault, times = Number.POSITIVE_INFINITY) => {
      const applies =
        typeof rule === 'string' ? ({ operation }: SeenRequest) => operation === rule : rule;
      const one: Active = { applies, fault, left: times, met: 0 };
      active.add(one);
      return {
        get met() {
          return one.met;
        },
        untilMet: async (count) => {
          await vi.waitUntil(() => one.met >= count, EVENTUALLY);
        },
        end: () => active.delete(one),
      };
    },
    close,
  };
}

function take(active: Set<Active>, seen: SeenRequest): HttpFault | null {
  const one = [...active].find(({ applies }) => applies(seen));
  if (!one) return null;
  one.met += 1;
  one.left -= 1;
  if (one.left === 0) active.delete(one);
  return one.fault;
}

/** SQS and DynamoDB name the operation in a header, SNS in its form, S3 not at all. */
function seenOf({ method = '', url: path = '', headers }: IncomingMessage, body: string) {
  const target = headers['x-amz-target'];
  const action = /^(?:.*&)?Action=(\w+)/.exec(body)?.[1];
  const operation = typeof target === 'string' ? target.split('.').at(-1) : action;
  return { operation: operation ?? method, path, body };
}

/** Headers go through as they are: the one named `host` is signed. */
function forward(
  target: string,
  { method, url: path, headers }: IncomingMessage,
  body: Buffer,
  answer: ServerResponse,
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(target);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers }, resolve);
    outgoing.on('error', reject);
    answer.on('close', () => outgoing.destroy());
    outgoing.end(body);
  });
}

/**
 * An error as SQS and DynamoDB spell it.
 *
 * @param type With its namespace, as in `com.amazonaws.sqs#OverLimit`.
 */
export function jsonError(type: string, status = 400): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ __type: type, message: 'made up by a test' }),
  };
}
