import { createServer } from 'node:http';
import dynalite from 'dynalite';
import { type AccessKey, carriesKey } from './access-key.ts';
import { closeServer, type ListenOptions, listen } from './listening.ts';

export interface Dynamodb {
  readonly port: number;
  close(): Promise<void>;
}

/** DynamoDB by dynalite, its tables on disk under `directory`. */
export async function startDynamodb(
  options: ListenOptions & { readonly directory: string; readonly accessKey: AccessKey },
): Promise<Dynamodb> {
  await probePort(options);
  // Tables are there at once: the waiting that real ones need proves nothing here.
  const instant = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  const server = dynalite({ path: options.directory, ...instant });
  const [handle] = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    // dynalite lets any origin in, so without this any web page could read the tables of who visits it.
    if (carriesKey(request.headers.authorization, options.accessKey)) {
      handle?.call(server, request, response);
      // dynalite throws when a client goes away, and would take the whole process with it.
      request.removeAllListeners('error').on('error', () => {});
      return;
    }
    request.resume();
    const refusal = {
      __type: 'com.amazon.coral.service#UnrecognizedClientException',
      message: 'Unknown access key',
    };
    response
      .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify(refusal));
  });
  const port = await listen(server, 'dynamodb', options);
  return { port, close: () => closeServer(server) };
}

/** dynalite opens its files before it listens, and closes them only if it does: so the port is tried out first. */
async function probePort(options: ListenOptions): Promise<void> {
  if (options.port === 0) return;
  const server = createServer();
  await listen(server, 'dynamodb', options);
  await closeServer(server);
}
