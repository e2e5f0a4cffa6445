import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '../../support/loopback-server.ts';

/**
 * What becomes of the body of a GET: it comes slowly; or ends early, the connection closed in order or reset, however long
 * it was announced; or it ends early and was announced to, which no length tells.
 */
export type BodyFault =
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  | { readonly kind: 'closed' | 'reset' | 'short'; readonly afterBytes: number };

/** A door to S3, whose bodies suffer what a test says. */
export interface BodyProxy {
  readonly url: string;
  /** From now on. @param faultOf Tells by the path of the object. */
  breakBodies(faultOf: (path: string) => BodyFault | null): void;
  close(): Promise<void>;
}

const SLICES_PER_SECOND = 10;

/** Opens it; all is well until it is told otherwise. */
export async function bodyProxy(target: string): Promise<BodyProxy> {
  const { hostname, port } = new URL(target);
  let faultOf: (path: string) => BodyFault | null = () => null;
  const server = createServer((incoming, answer) => {
    const { method, url: path = '', headers } = incoming;
    // Headers go through as they are: the one named `host` is signed.
    const outgoing = request({ hostname, port, method, path, headers }, async (response) => {
      const body = await buffer(response);
      const fault = method === 'GET' && response.statusCode !== 404 ? faultOf(path) : null;
      await send(answer, response, body, fault);
    });
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  const { url, close } = await listen(server);
  return {
    url,
    breakBodies: (next) => {
      faultOf = next;
    },
    close,
  };
}

async function send(
  answer: ServerResponse,
  { statusCode = 502, headers }: IncomingMessage,
  body: Buffer,
  fault: BodyFault | null,
): Promise<void> {
  const part = fault && 'afterBytes' in fault ? body.subarray(0, fault.afterBytes) : body;
  const length = fault?.kind === 'short' ? { 'content-length': part.length } : {};
  answer.writeHead(statusCode, { ...headers, ...length });
  if (fault?.kind === 'slow') {
    await sendSlowly(answer, body, Math.ceil(fault.bytesPerSecond / SLICES_PER_SECOND));
  }
  if (fault?.kind === 'closed') answer.write(part, () => answer.socket?.end());
  else if (fault?.kind === 'reset') answer.write(part, () => answer.socket?.resetAndDestroy());
  else answer.end(fault?.kind === 'slow' ? '' : part);
}

async function sendSlowly(answer: ServerResponse, body: Buffer, sliceBytes: number): Promise<void> {
  for (let at = 0; at < body.length && !answer.destroyed; at += sliceBytes) {
    answer.write(body.subarray(at, at + sliceBytes));
    await sleep(1000 / SLICES_PER_SECOND);
  }
}
