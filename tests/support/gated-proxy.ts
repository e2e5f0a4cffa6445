import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { listen } from './loopback-server.ts';

/** Whether a request is one of those. */
type Rule = (request: IncomingMessage) => boolean;

/** A service's endpoint that stops answering when a test says so, and keeps the connection. */
export interface GatedProxy {
  readonly url: string;
  /** How many requests wait at the gate, or for a body behind it. */
  readonly waiting: number;
  /** From now on these get the head of their answer, and its body when the gate opens. */
  holdBodies(rule: Rule): void;
  /** From now on these get no answer until the gate opens: a black hole. */
  holdRequests(rule: Rule): void;
  /** Lets everybody pass, those who wait included. */
  open(): void;
  close(): Promise<void>;
}

const nobody: Rule = () => false;

/** A proxy before an endpoint, its gate open. */
export async function gatedProxy(target: string): Promise<GatedProxy> {
  const held = { bodies: nobody, requests: nobody };
  let gate = Promise.withResolvers<void>();
  let waiting = 0;
  const pass = async (): Promise<void> => {
    waiting += 1;
    await gate.promise;
    waiting -= 1;
  };
  const { hostname, port } = new URL(target);
  const forward = (incoming: IncomingMessage, answer: ServerResponse): void => {
    const { method, url: path, headers } = incoming;
    // Headers go through as they are: the one named `host` is signed.
    const outgoing = request({ hostname, port, method, path, headers });
    outgoing.on('response', async (response) => {
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
      answer.flushHeaders();
      if (held.bodies(incoming)) await pass();
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  };
  const server = createServer(async (incoming, answer) => {
    if (held.requests(incoming)) await pass();
    forward(incoming, answer);
  });
  const { url, close } = await listen(server);
  return {
    url,
    get waiting() {
      return waiting;
    },
    holdBodies: (rule) => {
      held.bodies = rule;
    },
    holdRequests: (rule) => {
      held.requests = rule;
    },
    open: () => {
      Object.assign(held, { bodies: nobody, requests: nobody });
      gate.resolve();
      gate = Promise.withResolvers();
    },
    close: async () => {
      gate.resolve();
      await close();
    },
  };
}
