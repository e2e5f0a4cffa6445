import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { bodyOf } from './task-mix.ts';
import { REGION } from './trial.ts';

/** What the emulator's process is told. */
export type EmulatorRequest =
  | { readonly kind: 'create'; readonly name: string }
  | {
      readonly kind: 'fill';
      readonly name: string;
      readonly from: number;
      readonly count: number;
    }
  | { readonly kind: 'drop'; readonly name: string }
  | { readonly kind: 'cpu' };

/** The body of the emulator's process: fauxqs in memory, on loopback, told what to do by messages. */
async function main(): Promise<void> {
  const loopback = (message: unknown) => {
    const { fastify } = message as {
      fastify: { listen(options: { port: number; host: string }): Promise<string> };
    };
    const listen = fastify.listen.bind(fastify);
    // fauxqs would listen on every interface.
    fastify.listen = ({ port }) => listen({ port, host: '127.0.0.1' });
  };
  subscribe('fastify.initialization', loopback);
  const starting = startFauxqs({ port: 0, defaultRegion: REGION, logger: false });
  unsubscribe('fastify.initialization', loopback);
  const server = await starting;
  process.on('message', ({ id, request }: { id: number; request: EmulatorRequest }) => {
    process.send?.({ id, answer: answer(server, request) });
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ id: 0, answer: `http://127.0.0.1:${server.port}` });
}

function answer(server: FauxqsServer, request: EmulatorRequest): unknown {
  switch (request.kind) {
    case 'create':
      return server.createQueue(request.name).queueUrl;
    case 'fill': {
      const { name, from, count } = request;
      for (let n = from; n < from + count; n += 1) server.sendMessage(name, bodyOf(n));
      return null;
    }
    case 'drop':
      server.deleteQueue(request.name);
      return null;
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return user + system;
    }
    default:
      return request satisfies never;
  }
}

await main();
