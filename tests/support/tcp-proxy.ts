import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What can happen to the connections through a proxy:
 * `latency` delays every chunk, each way; `black hole` takes everything and answers nothing, and connections that were open
 * never come back, as when a firewall forgets them; `reset` cuts what is open, and what is opened; `lost reply` lets a
 * request through, and cuts the connection when the first bytes of the answer come: the service has acted, and the caller
 * does not know.
 */
export type TcpFault =
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'black hole' }
  | { readonly kind: 'reset' }
  /** Of one answer in so many, all unless told: the calls in between get through, and so the next stage is met, too. */
  | { readonly kind: 'lost reply'; readonly every?: number };

/** A door to a TCP service that misbehaves when it is told to. Whatever the protocol, it sees bytes only. */
export interface TcpProxy {
  readonly port: number;
  /** From now on, until {@link recover} or another fault. */
  breakDown(fault: TcpFault): void;
  recover(): void;
  /** How many connections the faults have swallowed, cut or slowed. */
  readonly harmed: number;
  close(): Promise<void>;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Opens a door on a free port of the loopback. */
export async function tcpProxy(target: Target): Promise<TcpProxy> {
  let fault: TcpFault | null = null;
  const open = new Set<Connection>();
  const harmedOnes = new WeakSet<Connection>();
  let harmed = 0;
  let answers = 0;
  const losesReply = (): boolean => {
    if (fault?.kind !== 'lost reply') return false;
    answers += 1;
    return answers % (fault.every ?? 1) === 0;
  };
  const harm = (connection: Connection): void => {
    if (harmedOnes.has(connection)) return;
    harmedOnes.add(connection);
    harmed += 1;
  };
  const server = createServer((client) => {
    const connection = new Connection(client, target, { fault: () => fault, losesReply, harm });
    open.add(connection);
    client.once('close', () => open.delete(connection));
    if (fault?.kind === 'reset') connection.reset();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    breakDown: (next) => {
      fault = next;
      for (const connection of open) {
        if (next.kind === 'reset') connection.reset();
        if (next.kind === 'black hole') connection.swallow();
      }
    },
    recover: () => {
      fault = null;
    },
    get harmed() {
      return harmed;
    },
    close: async () => {
      server.close();
      for (const connection of open) connection.destroy();
      await once(server, 'close');
    },
  };
}

interface Weather {
  readonly fault: () => TcpFault | null;
  /** Whether this answer is one that gets lost. */
  readonly losesReply: () => boolean;
  readonly harm: (connection: Connection) => void;
}

/** One caller, and its own connection to the service. */
class Connection {
  readonly #client: Socket;
  readonly #service: Socket;
  readonly #weather: Weather;
  #isSwallowed = false;

  constructor(client: Socket, target: Target, weather: Weather) {
    this.#client = client;
    this.#weather = weather;
    this.#service = connect(target);
    // Else small packets wait for each other, and every call takes 40 ms.
    client.setNoDelay(true);
    this.#service.setNoDelay(true);
    this.#pump(client, this.#service, 'up');
    this.#pump(this.#service, client, 'down');
  }

  reset(): void {
    this.#weather.harm(this);
    this.#service.destroy();
    this.#client.resetAndDestroy();
  }

  swallow(): void {
    this.#weather.harm(this);
    this.#isSwallowed = true;
    this.#service.destroy();
  }

  destroy(): void {
    this.#service.destroy();
    this.#client.destroy();
  }

  #pump(from: Socket, to: Socket, way: 'up' | 'down'): void {
    // What was late stays before what comes after it.
    let clearAt = 0;
    const afterDelay = (act: () => void): void => {
      const fault = this.#weather.fault();
      const delayMs = fault?.kind === 'latency' ? fault.ms : 0;
      if (delayMs > 0) this.#weather.harm(this);
      const now = performance.now();
      clearAt = Math.max(clearAt, now + delayMs);
      if (clearAt > now) setTimeout(act, clearAt - now);
      else act();
    };
    from.on('data', (chunk: Buffer) => {
      if (this.#isStopped(way)) return;
      afterDelay(() => {
        if (to.destroyed || to.writableEnded || to.write(chunk)) return;
        from.pause();
        to.once('drain', () => from.resume());
      });
    });
    from.on('end', () => afterDelay(() => !this.#isSwallowed && to.end()));
    from.on('error', () => {});
    from.on('close', () => {
      if (this.#isSwallowed && way === 'down') return;
      afterDelay(() => to.destroy());
    });
  }

  /** Whether these bytes go no further. */
  #isStopped(way: 'up' | 'down'): boolean {
    const kind = this.#weather.fault()?.kind;
    if (kind === 'black hole') this.swallow();
    if (this.#isSwallowed) return true;
    if (way === 'up' || !this.#weather.losesReply()) return false;
    this.reset();
    return true;
  }
}
