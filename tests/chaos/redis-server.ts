import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../support/free-port.ts';
import type { GroupedProcess, ProcessGroups } from '../support/process-groups.ts';

const LOCKS = 'sf:lock:*';
const CONNECT_TIMEOUT_MS = 5000;
const PORT_TRIES = 5;

/** A Redis that can be killed, frozen and emptied. It comes back on the same port, with nothing in it. */
export class RedisServer {
  readonly port: number;
  readonly #groups: ProcessGroups;
  #server: GroupedProcess;

  private constructor(groups: ProcessGroups, port: number, server: GroupedProcess) {
    this.#groups = groups;
    this.port = port;
    this.#server = server;
  }

  static async start(groups: ProcessGroups): Promise<RedisServer> {
    // A port that was free may be taken by the time the server is up: then another is tried.
    for (let tries = 1; ; tries += 1) {
      const port = await freePort();
      try {
        return new RedisServer(groups, port, await launch(groups, port));
      } catch (error) {
        if (tries === PORT_TRIES) throw error;
      }
    }
  }

  get isUp(): boolean {
    return !this.#server.ended;
  }

  async kill(restartMs: number): Promise<void> {
    this.#server.signal('SIGKILL');
    await this.#server.exit;
    await sleep(restartMs);
    this.#server = await launch(this.#groups, this.port);
  }

  async freeze(ms: number): Promise<void> {
    const server = this.#server;
    server.signal('SIGSTOP');
    await sleep(ms);
    server.signal('SIGCONT');
  }

  flush(): Promise<unknown> {
    return this.#ask((client) => client.flushall());
  }

  /** The locks there are, each with its remaining time in ms, which is -1 for one that nothing ends. */
  locks(): Promise<ReadonlyMap<string, number>> {
    return this.#ask(async (client) => {
      const names = await client.keys(LOCKS);
      const times = await Promise.all(names.map((name) => client.pttl(name)));
      return new Map(names.map((name, at) => [name, times[at] ?? -1]));
    });
  }

  async #ask<T>(question: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis({
      port: this.port,
      host: '127.0.0.1',
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: CONNECT_TIMEOUT_MS,
      retryStrategy: () => null,
    });
    client.on('error', () => {});
    try {
      return await question(client);
    } finally {
      client.disconnect();
    }
  }
}

async function launch(groups: ProcessGroups, port: number): Promise<GroupedProcess> {
  const settings = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];
  const server = await groups.start({
    name: 'redis',
    command: 'redis-server',
    args: ['--port', String(port), '--dir', groups.directory, ...settings],
  });
  await server.until(/Ready to accept connections/);
  return server;
}
