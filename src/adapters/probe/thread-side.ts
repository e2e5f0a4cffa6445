import assert from 'node:assert/strict';
import { parentPort } from 'node:worker_threads';
import { ForgeError } from '#domain/errors.ts';
import type { MediaProbe } from '#ports/media-probe.ts';
import type { MediaSource, ReadCost } from '#ports/media-source.ts';
import { errorOf, errorText, type FromThread, type ToThread } from './thread-messages.ts';

type Answer = Extract<ToThread, { readonly id: number }>;

/** The source on the other side; reads are answered by number. */
class RemoteSource implements MediaSource {
  readonly size: number;
  readonly etag: string;
  fault: unknown;
  readonly #cost = { requests: 0, bytes: 0 };
  readonly #say: (message: FromThread) => void;
  readonly #waiting = new Map<number, (answer: Answer) => void>();

  constructor(
    { size, etag }: { readonly size: number; readonly etag: string },
    say: (message: FromThread) => void,
  ) {
    this.#say = say;
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
      this.#say({ say: 'read', id, start, end });
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

/** The far side of ThreadedProbe, in its thread: reads one file at a time, and asks for its bytes. */
export function serve(probe: MediaProbe): void {
  assert(parentPort, 'this is for worker threads');
  const port = parentPort;
  const say = (message: FromThread): void => port.postMessage(message);
  // An abort ends the whole thread.
  const never = new AbortController().signal;
  let source: RemoteSource | null = null;

  const read = async (remote: RemoteSource, container: string): Promise<FromThread> => {
    try {
      return { say: 'found', report: await probe.probe(remote, container, never) };
    } catch (error) {
      return { say: 'failed', error: errorText(error), ofSource: error === remote.fault };
    }
  };

  port.on('message', (message: ToThread) => {
    if (message.say !== 'probe') {
      source?.answer(message);
      return;
    }
    source = new RemoteSource(message, say);
    void read(source, message.container).then(say);
  });
  say({ say: 'ready' });
}
