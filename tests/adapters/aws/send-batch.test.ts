import { describe, expect, it, vi } from 'vitest';
import { sendBatch } from '#adapters/aws/send-batch.ts';

describe('sendBatch', () => {
  it('answers in order, whatever the order in which entries were taken', async () => {
    const send = async () => ({ Successful: [{ Id: '2' }, { Id: '0' }] });
    expect(await sendBatch(4, send)).toEqual([true, false, true, false]);
  });

  it('answers false for all where the service names none', async () => {
    expect(await sendBatch(2, async () => ({}))).toEqual([false, false]);
  });

  it('sends ten at once, and neither none nor more', async () => {
    const send = vi.fn(async () => ({}));
    expect(await sendBatch(0, send)).toEqual([]);
    await expect(sendBatch(11, send)).rejects.toThrow('at most ten');
    expect(send).not.toHaveBeenCalled();
    expect(await sendBatch(10, send)).toHaveLength(10);
  });
});
