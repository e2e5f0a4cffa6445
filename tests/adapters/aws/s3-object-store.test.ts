// Proves that the store believes no answer it did not ask for, on a server that sends whatever a test wants.
import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { S3ObjectStore } from '#adapters/aws/s3-object-store.ts';
import { ForgeError } from '#domain/errors.ts';
import {
  type Handler,
  STUB_TIMEOUTS,
  type StubService,
  startStub,
  stubClients,
} from './stub-service.ts';

let stub: StubService;
afterEach(() => stub.close());

const open = async (handler: Handler) => {
  stub = await startStub(handler);
  return new S3ObjectStore(stubClients(stub.url), { bucket: 'b', timeouts: STUB_TIMEOUTS });
};

const RANGE = { etag: '"e"', start: 10, end: 13 };

/** A server that knows its ranges, but for what a test changes. */
const partial =
  (headers: Readonly<Record<string, string>>, status = 206, body = 'abcd'): Handler =>
  (_request, response) => {
    response.writeHead(status, {
      etag: '"e"',
      'content-range': 'bytes 10-13/100',
      ...headers,
    });
    response.end(body);
  };

const outage = expect.objectContaining({ code: 'OBJECT_STORE_UNAVAILABLE', kind: 'transient' });
const changed = expect.objectContaining({ code: 'SOURCE_CHANGED', kind: 'permanent' });

/** Resolves when the other side has closed the connection of a response. */
const closed = (response: ServerResponse) =>
  new Promise<void>((resolve) => response.once('close', resolve));

describe('ranged reads', () => {
  it('takes the range it asked for', async () => {
    const store = await open(partial({}));
    expect(Buffer.from(await store.readRange('k', RANGE)).toString()).toBe('abcd');
  });

  it('asks for the object with that ETag, and for that range', async () => {
    let seen: unknown;
    const store = await open((request, response) => {
      seen = [request.headers['if-match'], request.headers.range];
      partial({})(request, response);
    });
    await store.readRange('k', RANGE);
    expect(seen).toEqual(['"e"', 'bytes=10-13']);
  });

  it('refuses an answer with another ETag, where If-Match is ignored', async () => {
    const store = await open(partial({ etag: '"other"' }));
    await expect(store.readRange('k', RANGE)).rejects.toEqual(changed);
    await expect(buffer(store.stream('k', '"e"'))).rejects.toEqual(changed);
  });

  it.each([
    ['another range', partial({ 'content-range': 'bytes 0-3/100' })],
    [
      'a range that begins earlier',
      partial({ 'content-range': 'bytes 5-13/100' }, 206, 'abcdefghi'),
    ],
    ['a shorter range than there is', partial({ 'content-range': 'bytes 10-12/100' }, 206, 'abc')],
    ['a longer range', partial({ 'content-range': 'bytes 10-20/100' })],
    ['a range that makes no sense', partial({ 'content-range': 'bytes */100' })],
    ['the whole object', partial({ 'content-range': '' }, 200, 'x'.repeat(100))],
    ['more bytes than it announced', partial({}, 206, 'abcdefgh')],
    ['fewer bytes than it announced', partial({}, 206, 'ab')],
  ])('refuses %s', async (_what, handler) => {
    const store = await open(handler);
    await expect(store.readRange('k', RANGE)).rejects.toEqual(outage);
  });

  it('takes a range that is shorter because the object ends', async () => {
    const store = await open(partial({ 'content-range': 'bytes 10-11/12' }, 206, 'ab'));
    expect(Buffer.from(await store.readRange('k', RANGE)).toString()).toBe('ab');
  });

  it('closes the connection of an answer that it does not read', async () => {
    let ended: Promise<void> | undefined;
    const store = await open((_request, response) => {
      ended = closed(response);
      response.writeHead(200, { etag: '"other"', 'content-length': String(1024 ** 3) });
      response.write('x');
    });
    const from = performance.now();
    await expect(store.readRange('k', RANGE)).rejects.toEqual(changed);
    await expect(ended).resolves.toBeUndefined();
    expect(performance.now() - from).toBeLessThan(STUB_TIMEOUTS.completeMultipartMs - 300);
  });
});

describe('bodies', () => {
  const slow =
    (then: (response: ServerResponse) => void): Handler =>
    (_request, response) => {
      response.writeHead(200, { etag: '"e"', 'content-length': '1000' });
      response.write('x'.repeat(10));
      then(response);
    };

  it('is dead when it brings nothing for too long, and its connection is closed', async () => {
    let ended: Promise<void> | undefined;
    const store = await open(
      slow((response) => {
        ended = closed(response);
      }),
    );
    const from = performance.now();
    await expect(buffer(store.stream('k', '"e"'))).rejects.toEqual(outage);
    expect(performance.now() - from).toBeGreaterThanOrEqual(STUB_TIMEOUTS.bodyIdleMs - 5);
    // Not the connection's own time-out, which is as long as S3's longest silence.
    expect(performance.now() - from).toBeLessThan(STUB_TIMEOUTS.completeMultipartMs - 300);
    await expect(ended).resolves.toBeUndefined();
  });

  it('lives as long as it brings something', async () => {
    const store = await open(
      slow((response) => {
        let sent = 10;
        const timer = setInterval(() => {
          sent += 90;
          response.write('x'.repeat(90));
          if (sent < 1000) return;
          clearInterval(timer);
          response.end();
        }, STUB_TIMEOUTS.bodyIdleMs / 6);
      }),
    );
    expect(await buffer(store.stream('k', '"e"'))).toHaveLength(1000);
  });

  it('does not count the time that its reader takes', async () => {
    const store = await open(slow((response) => void response.end('x'.repeat(990))));
    let bytes = 0;
    for await (const chunk of store.stream('k', '"e"')) {
      bytes += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, STUB_TIMEOUTS.bodyIdleMs + 100));
    }
    expect(bytes).toBe(1000);
  });

  it('is an outage where it is cut off', async () => {
    const store = await open(slow((response) => void response.destroy()));
    await expect(buffer(store.stream('k', '"e"'))).rejects.toEqual(outage);
  });

  it('ends with the reason of the signal, and its connection with it', async () => {
    let ended: Promise<void> | undefined;
    const store = await open(
      slow((response) => {
        ended = closed(response);
      }),
    );
    const controller = new AbortController();
    const reason = new Error('left');
    const read = (async () => {
      for await (const _ of store.stream('k', '"e"', controller.signal)) controller.abort(reason);
    })();
    await expect(read).rejects.toBe(reason);
    await expect(ended).resolves.toBeUndefined();
  });

  it('frees its connection for the next call when it is read to the end', async () => {
    const ports = new Set<number | undefined>();
    const store = await open((request, response) => {
      ports.add(request.socket.remotePort);
      partial({})(request, response);
    });
    for (let i = 0; i < 5; i++) await store.readRange('k', RANGE);
    expect(ports.size).toBe(1);
  });

  it('closes its connection when its reader leaves', async () => {
    let ended: Promise<void> | undefined;
    const store = await open(
      slow((response) => {
        ended = closed(response);
      }),
    );
    for await (const chunk of store.stream('k', '"e"')) {
      expect(chunk).toHaveLength(10);
      break;
    }
    await expect(ended).resolves.toBeUndefined();
  });
});

describe('lists', () => {
  const firstOf = async (keys: AsyncIterable<string>) => {
    for await (const key of keys) return key;
    return undefined;
  };
  const page = (keys: readonly string[], token?: string) =>
    `<ListBucketResult><IsTruncated>${token !== undefined}</IsTruncated>${
      token === undefined ? '' : `<NextContinuationToken>${token}</NextContinuationToken>`
    }${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`;

  it('ask for one page at a time, the largest there is, and for no more than is read', async () => {
    const asked: (string | null)[][] = [];
    const store = await open((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://stub');
      const of = (name: string) => searchParams.get(name);
      asked.push([of('list-type'), of('prefix'), of('max-keys'), of('continuation-token')]);
      response.setHeader('content-type', 'application/xml');
      response.end(of('continuation-token') ? page(['c']) : page(['a', 'b'], 'go+on'));
    });
    const keys: string[] = [];
    for await (const key of store.list('p/')) {
      keys.push(key);
      if (key === 'b') expect(asked).toHaveLength(1);
    }
    expect(keys).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual([
      ['2', 'p/', '1000', null],
      ['2', 'p/', '1000', 'go+on'],
    ]);
  });

  it('say that the store is out where it is, and not that there is nothing', async () => {
    const store = await open((_request, response) => response.writeHead(503).end());
    await expect(firstOf(store.list('p/'))).rejects.toEqual(outage);
  });

  it('say so too where the bucket is gone: that is no empty list', async () => {
    const store = await open((_request, response) => {
      response.writeHead(404, { 'content-type': 'application/xml' });
      response.end('<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>');
    });
    await expect(firstOf(store.list('p/'))).rejects.toBeInstanceOf(ForgeError);
  });
});
