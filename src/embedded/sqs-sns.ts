import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { type AccessKey, carriesKey } from './access-key.ts';
import type { ListenOptions } from './listening.ts';
import { listenError } from './port-in-use-error.ts';

/** SQS and SNS on one port. */
export interface Messaging {
  readonly port: number;
  /** Returns when the message is on disk; false where there is no such queue. */
  send(queueArn: string, body: string): boolean;
  close(): Promise<void>;
}

interface MessagingOptions extends ListenOptions {
  readonly directory: string;
  readonly region: string;
  readonly accessKey: AccessKey;
}

/** SQS and SNS by fauxqs, queues and messages on disk under `directory`. */
export async function startMessaging(options: MessagingOptions): Promise<Messaging> {
  const server = await startGuarded(options);
  return {
    port: server.port,
    send: (queueArn, body) => sendTo(server, queueArn, body),
    close: () => server.stop(),
  };
}

function sendTo(server: FauxqsServer, queueArn: string, body: string): boolean {
  const [, , , region = '', , queueName = ''] = queueArn.split(':');
  try {
    server.sendMessage(queueName, body, { region });
    return true;
  } catch (error) {
    if (error instanceof Error && error.message === `Queue '${queueName}' not found`) return false;
    throw error;
  }
}

interface FastifyRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

interface FastifyReply {
  code(status: number): { send(body: unknown): unknown };
}

/** What we touch of the Fastify instance inside fauxqs. */
interface FastifyInstance {
  listen(options: { port: number; host: string }): Promise<string>;
  close(): Promise<void>;
  addHook(
    name: 'onRequest' | 'preHandler',
    hook: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  ): void;
}

/**
 * With its messages on disk, fauxqs fails to give one back at once (a visibility of 0) and loses it on the way. A
 * millisecond later it succeeds.
 */
async function delayReturns({ headers, body }: FastifyRequest): Promise<void> {
  if (!headers['x-amz-target']?.startsWith('AmazonSQS.ChangeMessageVisibility')) return;
  const { Entries = [body] } = body as { Entries?: unknown[] };
  for (const change of Entries as { VisibilityTimeout?: number }[]) {
    if (change.VisibilityTimeout === 0) change.VisibilityTimeout = 0.001;
  }
}

/**
 * fauxqs listens on every interface, whatever it is told, and lets anybody in. Fastify announces each instance it makes
 * on a diagnostics channel, synchronously: that is where we get hold of it, before it listens.
 */
async function startGuarded(options: MessagingOptions): Promise<FauxqsServer> {
  let app: FastifyInstance | undefined;
  const guard = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    app = fastify;
    const listen = fastify.listen.bind(fastify);
    fastify.listen = ({ port }) => listen({ port, host: options.host });
    fastify.addHook('onRequest', async ({ headers }, reply) => {
      if (carriesKey(headers['authorization'], options.accessKey)) return undefined;
      return reply
        .code(403)
        .send({ __type: 'InvalidClientTokenId', message: 'Unknown access key' });
    });
    fastify.addHook('preHandler', delayReturns);
  };
  subscribe('fastify.initialization', guard);
  const starting = startFauxqs({
    port: options.port,
    dataDir: options.directory,
    defaultRegion: options.region,
    logger: false,
  });
  unsubscribe('fastify.initialization', guard);
  try {
    return await starting;
  } catch (error) {
    await app?.close();
    throw listenError('messaging', options.port, error);
  }
}
