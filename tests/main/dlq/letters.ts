import type { DeadLetter } from '#ports/dead-letters.ts';
import { aMessage, anS3Event } from '../../support/a-message.ts';
import { T0 } from '../../support/fixed-clock.ts';

/** A letter about an upload, buried at {@link T0} because nobody knew its asset. */
export function aLetter(overrides: Partial<DeadLetter> = {}): DeadLetter {
  return {
    ...aMessage(anS3Event(), { id: 'letter-1' }),
    sentAt: T0,
    reason: { code: 'UNKNOWN_OBJECT', detail: 'no asset has the key', sourceMessageId: 'm1' },
    ...overrides,
  };
}
