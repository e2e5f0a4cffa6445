import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBody, readBytes } from '#adapters/aws/read-body.ts';

const endless = () => new Readable({ read() {} });

describe('readBody', () => {
  it('ends a body that waits when the signal aborts', async () => {
    const body = endless();
    const controller = new AbortController();
    const reading = readBody(body, { idleMs: 60_000, signal: controller.signal }).next();
    controller.abort();
    await expect(reading).rejects.toThrow('aborted');
    expect(body.destroyed).toBe(true);
  });

  it('reads nothing under a signal that is aborted already', async () => {
    const body = Readable.from([Buffer.from('x')]);
    const reading = readBody(body, { idleMs: 60_000, signal: AbortSignal.abort() }).next();
    await expect(reading).rejects.toThrow('aborted');
    expect(body.destroyed).toBe(true);
  });

  it('ends a body whose reader leaves', async () => {
    const body = endless();
    body.push('x');
    for await (const _ of readBody(body, { idleMs: 60_000 })) break;
    expect(body.destroyed).toBe(true);
  });

  it('takes nothing but a stream', async () => {
    await expect(readBytes('text', 4, { idleMs: 1 })).rejects.toThrow(TypeError);
  });
});
