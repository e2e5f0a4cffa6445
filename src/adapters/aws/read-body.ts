import { Readable } from 'node:stream';
import { ForgeError } from '#domain/errors.ts';

/** The bounds of reading a body. */
export interface BodyBounds {
  /** What brings nothing for this long is dead. */
  readonly idleMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The chunks of a response's body as they come. However it ends, early included, its connection is closed or free again.
 * The clock runs while a chunk is awaited, not while the reader is busy with the last one.
 *
 * @param body The SDK's `Body`, which is a `Readable` in Node whatever its type says.
 */
export async function* readBody(body: unknown, bounds: BodyBounds): AsyncGenerator<Uint8Array> {
  if (!(body instanceof Readable)) throw new TypeError('the body is no stream');
  const { idleMs, signal } = bounds;
  const abort = () => body.destroy(new Error('aborted', { cause: signal?.reason }));
  const tooIdle = () => body.destroy(idle(idleMs));
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  let timer = setTimeout(tooIdle, idleMs);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      yield chunk;
      timer = setTimeout(tooIdle, idleMs);
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    body.destroy();
  }
}

const idle = (idleMs: number) =>
  new ForgeError(
    'OBJECT_STORE_UNAVAILABLE',
    'transient',
    `the object store has sent nothing for ${idleMs} ms`,
  );

/** All of a body, which has to be as long as announced. */
export async function readBytes(
  body: unknown,
  bytesExpected: number,
  bounds: BodyBounds,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(bytesExpected);
  let at = 0;
  for await (const chunk of readBody(body, bounds)) {
    if (at + chunk.length > bytesExpected) throw unlike(bytesExpected);
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at !== bytesExpected) throw unlike(bytesExpected);
  return bytes;
}

const unlike = (bytesExpected: number) =>
  new ForgeError(
    'OBJECT_STORE_UNAVAILABLE',
    'transient',
    `the object store has sent other than the ${bytesExpected} bytes it announced`,
  );
