// The far side of ThreadedProbe: reads one file at a time, and asks for its bytes.
import assert from 'node:assert/strict';
import { parentPort } from 'node:worker_threads';
import { ForgeError } from '#domain/errors.ts';
import type { MediaSource, ReadCost } from '#ports/media-source.ts';
import { MediabunnyProbe } from './mediabunny-probe.ts';
import { errorOf, errorText, type FromThread, type ToThread } from './thread-messages.ts';

assert(parentPort, 'this file is the start of a worker thread');
const port = parentPort;
const say = (message: FromThread): void => port.postMessage(message);

type Answer = Extract<ToThread, { readonly id: number }>;

/** The source on the other side; reads are answered by number. */
class RemoteSource implements MediaSource {
  readonly size: number;
  readonly etag: string;
  fault: unknown;
  readonly #cost = { requests: 0, bytes: 0 };
  readonly #waiting = new Map<number, (answer: Answer) => void>();

  constructor({ size, etag }: { readonly size: number; readonly etag: string }) {
    this.size = size;
    this.etag = etag;
  }

  get cost(): ReadCost {
    return { ...this.#cost };
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    this.#cost.requests += 1;
    const id = this.#cost.requests;
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      say({ say: 'read', id, start, end });
    });
    if (answer.say === 'fault') {
      this.fault = errorOf(answer.error);
      throw this.fault;
    }
    this.#cost.bytes += answer.bytes.length;
    return answer.bytes;
  }

  answer(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  stream(): AsyncIterable<Uint8Array> {
    throw new ForgeError('INTERNAL', 'transient', 'this engine reads ranges');
  }
}

const probe = new MediabunnyProbe();
// An abort ends the whole thread.
const never = new AbortController().signal;
let source: RemoteSource | null = null;

async function read(remote: RemoteSource, container: string): Promise<FromThread> {
  try {
    return { say: 'found', report: await probe.probe(remote, container, never) };
  } catch (error) {
    return { say: 'failed', error: errorText(error), ofSource: error === remote.fault };
  }
}

port.on('message', (message: ToThread) => {
  if (message.say !== 'probe') {
    source?.answer(message);
    return;
  }
  source = new RemoteSource(message);
  void read(source, message.container).then(say);
});
say({ say: 'ready' });
