import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { ForgeError } from '#domain/errors.ts';

/** Anything that answers a request. */
interface Answering {
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** Where to listen, and how patiently. */
export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly requestTimeoutMs: number;
}

/** A server that listens. */
export interface Serving {
  readonly url: string;
  /** Takes no new request, and resolves when those under way are answered. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP.
 *
 * @throws ForgeError `PORT_IN_USE` (permanent), with the port and the variable that sets it.
 */
export async function serveApi(
  api: Answering,
  { host, port, requestTimeoutMs }: ServeOptions,
): Promise<Serving> {
  const server = createAdaptorServer({
    fetch: api.fetch,
    serverOptions: { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs / 2 },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? portInUse(port, 'PORT', error) : error);
    });
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeIdleConnections' in server) server.closeIdleConnections();
      }),
  };
}

/** The error of a port that somebody else listens on. */
export function portInUse(port: number, variable: string, cause: unknown): ForgeError {
  const detail = `port ${port} is in use: end what listens there, or set ${variable} to another port`;
  return new ForgeError('PORT_IN_USE', 'permanent', detail, { cause });
}
