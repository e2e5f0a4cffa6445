// Connections through the door: what gets through, and what each fault does to it, seen by a caller and by the service.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EVENTUALLY } from './queue-watch.ts';
import { tcpProxy } from './tcp-proxy.ts';

/** A service that answers every chunk in capitals, a door to it, and what it has heard. */
async function service() {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard.push(String(chunk));
      socket.write(String(chunk).toUpperCase());
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = await tcpProxy({ host: '127.0.0.1', port });
  onTestFinished(async () => {
    await proxy.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { proxy, heard };
}

/** A caller that keeps what it is told, and how its connection ended. */
function caller(port: number) {
  const socket = connect(port, '127.0.0.1');
  const state = { socket, said: '', ended: null as string | null };
  socket.on('data', (chunk) => {
    state.said += String(chunk);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    state.ended = error.code ?? 'error';
  });
  socket.on('close', () => {
    state.ended ??= 'closed';
  });
  onTestFinished(() => void socket.destroy());
  return state;
}

describe('tcpProxy', () => {
  it('lets everything through while nothing is wrong, and closes with either side', async () => {
    const { proxy } = await service();
    const one = caller(proxy.port);
    one.socket.write('hello');
    await vi.waitUntil(() => one.said === 'HELLO', EVENTUALLY);
    one.socket.end();
    await vi.waitUntil(() => one.ended === 'closed', EVENTUALLY);
    expect(proxy.harmed).toBe(0);
  });

  it('delays without changing the order', async () => {
    const { proxy } = await service();
    const one = caller(proxy.port);
    proxy.breakDown({ kind: 'latency', ms: 50 });
    const startedAt = performance.now();
    one.socket.write('slow ');
    await vi.waitUntil(() => one.said === 'SLOW ', EVENTUALLY);
    expect(performance.now() - startedAt).toBeGreaterThan(95);
    one.socket.write('first ');
    await vi.waitUntil(() => proxy.harmed === 1, EVENTUALLY);
    proxy.recover();
    one.socket.write('second');
    await vi.waitUntil(() => one.said.endsWith('SECOND'), EVENTUALLY);
    expect(one.said).toBe('SLOW FIRST SECOND');
  });

  it('is a black hole: open connections are dead for good, new ones until it recovers', async () => {
    const { proxy, heard } = await service();
    const before = caller(proxy.port);
    before.socket.write('a');
    await vi.waitUntil(() => before.said === 'A', EVENTUALLY);
    proxy.breakDown({ kind: 'black hole' });
    before.socket.write('b');
    const during = caller(proxy.port);
    during.socket.write('c');
    await vi.waitUntil(() => proxy.harmed === 2, EVENTUALLY);
    proxy.recover();
    before.socket.write('d');
    const after = caller(proxy.port);
    after.socket.write('e');
    await vi.waitUntil(() => after.said === 'E', EVENTUALLY);
    expect(heard).toEqual(['a', 'e']);
    expect([before.ended, during.ended]).toEqual([null, null]);
  });

  it('resets what is open and what is opened, until it recovers', async () => {
    const { proxy, heard } = await service();
    const before = caller(proxy.port);
    before.socket.write('a');
    await vi.waitUntil(() => before.said === 'A', EVENTUALLY);
    proxy.breakDown({ kind: 'reset' });
    const during = caller(proxy.port);
    await vi.waitUntil(() => before.ended && during.ended, EVENTUALLY);
    expect([before.ended, during.ended]).toEqual(['ECONNRESET', 'ECONNRESET']);
    proxy.recover();
    const after = caller(proxy.port);
    after.socket.write('b');
    await vi.waitUntil(() => after.said === 'B', EVENTUALLY);
    expect(heard).toEqual(['a', 'b']);
  });

  it('loses the reply when the service has acted', async () => {
    const { proxy, heard } = await service();
    proxy.breakDown({ kind: 'lost reply' });
    const one = caller(proxy.port);
    one.socket.write('act');
    await vi.waitUntil(() => one.ended, EVENTUALLY);
    expect(one).toMatchObject({ said: '', ended: 'ECONNRESET' });
    expect(heard).toEqual(['act']);
  });

  it('loses one reply in so many, and lets the others through', async () => {
    const { proxy, heard } = await service();
    proxy.breakDown({ kind: 'lost reply', every: 3 });
    const one = caller(proxy.port);
    for (const said of ['A', 'AB']) {
      one.socket.write(said.at(-1)?.toLowerCase() ?? '');
      await vi.waitUntil(() => one.said === said, EVENTUALLY);
    }
    one.socket.write('c');
    await vi.waitUntil(() => one.ended, EVENTUALLY);
    expect(one).toMatchObject({ said: 'AB', ended: 'ECONNRESET' });
    expect(heard).toEqual(['a', 'b', 'c']);
  });
});
