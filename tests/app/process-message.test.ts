import { describe, expect, it } from 'vitest';
import { processMessage } from '#app/process-message.ts';
import { decode } from '#streams/decode.ts';
import { aMessage } from '../support/a-message.ts';
import { anAsset, KEY } from '../support/an-asset.ts';

describe('a process message', () => {
  it('is read by the worker as the command to process the row’s generation', () => {
    const { body } = processMessage(anAsset({ generation: 3 }));
    const [job] = decode(aMessage(body));
    expect(job).toMatchObject({ command: { kind: 'process', ...KEY, generation: 3 } });
  });

  it('says nothing else of the asset, and carries the correlation id beside the body', () => {
    const { body, attributes } = processMessage(anAsset());
    expect(JSON.parse(body)).toStrictEqual({ kind: 'process', ...KEY, generation: 1 });
    expect(attributes).toEqual({ correlationId: 'correlation-1' });
  });
});
