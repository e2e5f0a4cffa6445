// Proves how often and how widely the queue is polled, on a server that counts ReceiveMessage calls.
import { createHash, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SqsQueue, type SqsQueueOptions } from '#adapters/aws/sqs-queue.ts';
import type { Demand, QueueMessage } from '#ports/queue.ts';
import { RecordedLog } from '../../support/recorded-log.ts';
import {
  JSON_HEADERS,
  STUB_QUEUE,
  STUB_TIMEOUTS,
  type StubService,
  startStub,
  stubClients,
} from './stub-service.ts';

interface ReceiveInput {
  readonly MaxNumberOfMessages: number;
  readonly WaitTimeSeconds: number;
  readonly VisibilityTimeout: number;
  readonly MessageAttributeNames: readonly string[];
  readonly MessageSystemAttributeNames: readonly string[];
}

type Answer = (count: number) => void;

const message = () => {
  const body = randomUUID();
  const MD5OfBody = createHash('md5').update(body).digest('hex');
  return { MessageId: body, ReceiptHandle: body, Body: body, MD5OfBody };
};

/** Answers a receive with so many messages. */
const bring = (response: ServerResponse, count: number): void => {
  response.writeHead(200, JSON_HEADERS);
  response.end(JSON.stringify({ Messages: Array.from({ length: count }, message) }));
};

let stub: StubService;
let stop: AbortController;
let consuming: Promise<void> | undefined;
afterEach(async () => {
  stop.abort();
  await stub.close();
  await consuming;
});

/** A demand that always has room, and keeps its books. */
class Room implements Demand {
  readonly asked: number[] = [];
  readonly delivered: number[] = [];
  readonly got: QueueMessage[] = [];
  readonly #size: () => number | Promise<number>;

  constructor(size: () => number | Promise<number> = () => 10) {
    this.#size = size;
  }

  async ask(): Promise<number> {
    const size = await this.#size();
    this.asked.push(size);
    return size;
  }

  deliver(messages: readonly QueueMessage[]): void {
    this.delivered.push(messages.length);
    this.got.push(...messages);
  }
}

const open = async (
  receive: (input: ReceiveInput, response: ServerResponse) => void,
  over: Partial<SqsQueueOptions> = {},
) => {
  stop = new AbortController();
  stub = await startStub(({ headers, text }, response) => {
    if (headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') response.writeHead(500).end();
    else receive(JSON.parse(text), response);
  });
  return new SqsQueue(stubClients(stub.url).sqs, { ...STUB_QUEUE, ...over });
};

const consume = (queue: SqsQueue, demand: Demand) => {
  consuming = queue.consume(demand, stop.signal);
  return consuming;
};

describe('a receive', () => {
  it('asks for as many messages as there is room for, and for all there is to know of them', async () => {
    const inputs: ReceiveInput[] = [];
    const sizes = [3, 5, 1, 10, 2, 7];
    const queue = await open(
      (input, response) => {
        inputs.push(input);
        bring(response, input.MaxNumberOfMessages);
      },
      { consumers: 1 },
    );
    const room = new Room(() => sizes.shift() ?? Promise.reject(new Error('left')));
    await consume(queue, room);
    expect(inputs.map((input) => input.MaxNumberOfMessages)).toEqual([3, 5, 1, 10, 2, 7]);
    expect(room.delivered).toEqual([3, 5, 1, 10, 2, 7]);
    expect(inputs[0]).toMatchObject({
      WaitTimeSeconds: 20,
      VisibilityTimeout: 30,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
  });

  it('waits as long as its poll and a little more, whatever other calls may take', async () => {
    const queue = await open((_input, response) => {
      setTimeout(() => bring(response, 1), STUB_TIMEOUTS.requestMs * 3);
    });
    const room = new Room();
    void consume(queue, room);
    await vi.waitFor(() => expect(room.got.length).toBeGreaterThan(0), 5000);
    expect(room.delivered[0]).toBe(1);
  });

  it('is given up when it takes longer than that', async () => {
    const queue = await open(() => {}, { consumers: 1, waitSeconds: 0 });
    const room = new Room();
    void consume(queue, room);
    await vi.waitFor(() => expect(room.delivered).toEqual([0]), 5000);
  });
});

describe('polling', () => {
  /** Receives that stay open until a test answers them. */
  const held = async (consumers: number) => {
    const waiting: Answer[] = [];
    const queue = await open(
      (_input, response) => {
        waiting.push((count) => bring(response, count));
      },
      { consumers },
    );
    const polls = (count: number) =>
      vi.waitFor(() => expect(waiting).toHaveLength(count), { timeout: 5000 });
    return { queue, waiting, polls };
  };
  /** Long enough for a poll that ought not to be to reach the server. */
  const aWhile = () => new Promise((resolve) => setTimeout(resolve, 150));

  it('is one long poll while the queue is empty', async () => {
    const { queue, waiting, polls } = await held(4);
    void consume(queue, new Room());
    await polls(1);
    await aWhile();
    expect(waiting).toHaveLength(1);
    waiting.shift()?.(0);
    await polls(1);
    await aWhile();
    expect(waiting).toHaveLength(1);
    expect(stub.calls).toBe(2);
  });

  it('is as many as there are consumers while messages come, and one again when none do', async () => {
    const { queue, waiting, polls } = await held(4);
    void consume(queue, new Room());
    await polls(1);
    waiting.shift()?.(10);
    await polls(4);
    for (const answer of waiting.splice(0)) answer(0);
    await polls(1);
    await aWhile();
    expect(waiting).toHaveLength(1);
  });

  it('stays one while it brings little, because nothing is waiting in the queue', async () => {
    const { queue, waiting, polls } = await held(4);
    const room = new Room();
    void consume(queue, room);
    for (const calls of [1, 2, 3]) {
      await polls(1);
      await aWhile();
      expect([waiting.length, stub.calls]).toEqual([1, calls]);
      waiting.shift()?.(4);
    }
    expect(room.asked[0]).toBe(10);
  });

  it('gives room back that it asked for before the queue ran empty', async () => {
    const asking: ((size: number) => void)[] = [];
    const { queue, waiting, polls } = await held(3);
    const room = new Room(() => new Promise((resolve) => asking.push(resolve)));
    void consume(queue, room);
    await vi.waitFor(() => expect(asking).toHaveLength(1));
    asking.shift()?.(5);
    await polls(1);
    waiting.shift()?.(5);
    // Messages flow: all three ask. Two are answered and poll, and one of those finds the queue empty.
    await vi.waitFor(() => expect(asking).toHaveLength(3));
    asking.shift()?.(5);
    asking.shift()?.(5);
    await polls(2);
    waiting.shift()?.(0);
    await vi.waitFor(() => expect(room.delivered).toEqual([5, 0]));
    asking.shift()?.(5);
    await vi.waitFor(() => expect(room.delivered).toEqual([5, 0, 0]));
    await aWhile();
    expect(waiting).toHaveLength(1);
    expect(asking).toHaveLength(0);
    expect(stub.calls).toBe(3);
  });
});

describe('a dead endpoint', () => {
  it('gets no more than five calls a second from all consumers together, whatever chance says', async () => {
    const queue = await open((_input, response) => response.writeHead(500).end(), {
      consumers: 8,
      random: () => 0,
    });
    const room = new Room();
    const from = performance.now();
    void consume(queue, room);
    await vi.waitFor(() => expect(stub.calls).toBeGreaterThanOrEqual(8), { timeout: 10_000 });
    const seconds = (performance.now() - from) / 1000;
    // The first call is at the start, so n calls are n - 1 waits.
    expect((stub.calls - 1) / seconds).toBeLessThanOrEqual(5);
    expect(room.delivered.every((count) => count === 0)).toBe(true);
  });

  it('gets few calls from the start, also when messages were flowing', async () => {
    let dead = false;
    const log = new RecordedLog();
    const queue = await open(
      (_input, response) => {
        setTimeout(() => {
          if (dead) response.writeHead(500).end();
          else bring(response, 10);
        }, 20);
      },
      { consumers: 4, random: () => 0, log },
    );
    const room = new Room();
    void consume(queue, room);
    await vi.waitFor(() => expect(room.got.length).toBeGreaterThan(100), { timeout: 5000 });
    dead = true;
    await vi.waitFor(() => expect(room.delivered.at(-1)).toBe(0), { timeout: 5000 });
    const calls = stub.calls;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // Each of the four may be in the middle of one, then they take turns.
    expect(stub.calls - calls).toBeLessThan(4 + 5);
    expect(log.messages).toEqual(['the queue does not answer']);
  });

  it('is said once, and so is its return', async () => {
    let failures = 3;
    const log = new RecordedLog();
    const queue = await open(
      (_input, response) => {
        if (failures-- > 0) response.writeHead(500).end();
        else bring(response, 1);
      },
      { consumers: 2, log, backoffBaseMs: 5, backoffCapMs: 10 },
    );
    const room = new Room();
    void consume(queue, room);
    await vi.waitFor(() => expect(room.got.length).toBeGreaterThan(3), { timeout: 5000 });
    const said = log.lines.map(({ level, message: text }) => `${level} ${text}`);
    expect(said).toEqual(['warn the queue does not answer', 'info the queue answers again']);
    expect(log.lines[0]?.fields).toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  });

  it('does not keep a consumer that stops', async () => {
    const queue = await open((_input, response) => response.writeHead(500).end(), {
      backoffBaseMs: 60_000,
      backoffCapMs: 60_000,
    });
    const room = new Room();
    const ended = consume(queue, room);
    await vi.waitFor(() => expect(room.delivered).toHaveLength(1), { timeout: 5000 });
    stop.abort();
    await ended;
    expect(stub.calls).toBe(1);
  });
});

describe('stopping', () => {
  it('is for good when the demand ends', async () => {
    const queue = await open((_input, response) => bring(response, 1), { consumers: 2 });
    let asks = 0;
    await consume(
      queue,
      new Room(() => {
        asks += 1;
        return Promise.reject(new Error('left'));
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asks).toBe(2);
    expect(stub.calls).toBe(0);
  });

  it('waits for the open receives, delivers what they bring, and opens no other', async () => {
    const waiting: Answer[] = [];
    const queue = await open((_input, response) => {
      waiting.push((count) => bring(response, count));
    });
    const room = new Room();
    const ended = consume(queue, room);
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.shift()?.(10);
    await vi.waitFor(() => expect(waiting).toHaveLength(4));
    let over = false;
    const watched = ended.then(() => {
      over = true;
    });
    stop.abort();
    for (const answer of waiting.splice(0, 3)) answer(2);
    await vi.waitFor(() => expect(room.got).toHaveLength(16));
    expect(over).toBe(false);
    waiting.shift()?.(2);
    await watched;
    expect(room.got).toHaveLength(18);
    expect(room.asked).toHaveLength(room.delivered.length);
    expect(stub.calls).toBe(5);
  });

  it('leaves no consumer behind: ten restarts poll like one', async () => {
    const waiting: Answer[] = [];
    const queue = await open((_input, response) => {
      waiting.push((count) => bring(response, count));
    });
    for (let i = 0; i < 10; i++) {
      stop = new AbortController();
      const ended = consume(queue, new Room());
      await vi.waitFor(() => expect(waiting).toHaveLength(1));
      stop.abort();
      waiting.shift()?.(0);
      await ended;
    }
    expect(stub.calls).toBe(10);
    expect(waiting).toHaveLength(0);
  });
});
