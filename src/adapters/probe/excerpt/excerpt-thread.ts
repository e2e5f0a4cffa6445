// A thread in which the key frames of one file are gathered. It asks for bytes, and ends with the film.
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { errorOf, errorText } from '#adapters/probe/thread-messages.ts';
import type { MediaSource } from '#ports/media-source.ts';
import type { ExcerptOrder, FromExcerpt, ToExcerpt } from './excerpt-messages.ts';
import { keyFrameFilm } from './key-frame-film.ts';

assert(parentPort, 'this file is the start of a worker thread');
const port = parentPort;
const { size, etag, request } = workerData as ExcerptOrder;
const say = (message: FromExcerpt, hands: ArrayBuffer[] = []): void =>
  port.postMessage(message, hands);

const waiting = new Map<number, (answer: ToExcerpt) => void>();
let asked = 0;
port.on('message', (answer: ToExcerpt) => {
  waiting.get(answer.id)?.(answer);
  waiting.delete(answer.id);
});

const source: MediaSource = {
  size,
  etag,
  get cost() {
    return { requests: asked, bytes: 0 };
  },
  read: async (start, end) => {
    asked += 1;
    const id = asked;
    const answer = await new Promise<ToExcerpt>((resolve) => {
      waiting.set(id, resolve);
      say({ say: 'read', id, start, end });
    });
    // What went wrong is known better over there; here it is enough to stop, and to know whether it was the budget.
    if ('error' in answer) throw errorOf(answer.error);
    return answer.bytes;
  },
  stream: () => {
    throw new Error('this reads ranges');
  },
};

// An abort ends the whole thread.
const never = new AbortController().signal;
keyFrameFilm(source, request, never)
  .then((film) => say({ say: 'film', film }, [film.buffer as ArrayBuffer]))
  .catch((error: unknown) => say({ say: 'failed', error: errorText(error) }))
  .finally(() => port.close());
