import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { vi } from 'vitest';
import { listen } from './loopback-server.ts';
import { EVENTUALLY } from './queue-watch.ts';

/** A service's endpoint that fails when a test says so. */
export interface FaultyProxy {
  readonly url: string;
  /** From now on requests that the rule is about fail: all of them, unless told. */
  breakDown(rule?: (request: IncomingMessage) => boolean): void;
  recover(): void;
  /** Resolves once as many requests have failed. */
  untilFailed(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A proxy before an endpoint. It fails in two ways by turns: it cuts the connection, or answers 503. */
export async function faultyProxy(target: string): Promise<FaultyProxy> {
  let isFaulty: (request: IncomingMessage) => boolean = () => false;
  let failed = 0;
  const server = createServer((incoming, answer) => {
    if (!isFaulty(incoming)) {
      forward(target, incoming, answer);
      return;
    }
    failed += 1;
    if (failed % 2 === 1) incoming.socket.destroy();
    else answer.writeHead(503).end();
  });
  const { url, close } = await listen(server);
  return {
    url,
    breakDown: (rule = () => true) => {
      isFaulty = rule;
    },
    recover: () => {
      isFaulty = () => false;
    },
    untilFailed: async (count) => {
      await vi.waitUntil(() => failed >= count, EVENTUALLY);
    },
    close,
  };
}

/** Headers go through as they are: the one named `host` is signed. */
function forward(target: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const { hostname, port } = new URL(target);
  const { method, url: path, headers } = incoming;
  const outgoing = request({ hostname, port, method, path, headers });
  outgoing.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
    response.pipe(answer);
  });
  outgoing.on('error', () => answer.destroy());
  answer.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}
