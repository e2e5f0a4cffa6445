import { once } from 'node:events';
import type { Server } from 'node:http';
import { type EmbeddedService, listenError } from './port-in-use-error.ts';

/** Where a service of the embedded cloud listens: port 0 is a free one. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
}

/** Starts to listen, and says on which port. */
export async function listen(
  server: Server,
  service: EmbeddedService,
  { host, port }: ListenOptions,
): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw listenError(service, port, error);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** Stops listening, ends every connection, and waits for both. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
  });
  server.closeAllConnections();
  await closed;
}
