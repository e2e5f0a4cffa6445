import { awsClients } from '#adapters/aws/clients.ts';
import { resolveNames } from '#adapters/aws/resolve-names.ts';
import { SqsDeadLetters } from '#adapters/aws/sqs-dead-letters.ts';
import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { awsConfig, awsNames } from '#main/ports.ts';
import type { DeadLetters } from '#ports/dead-letters.ts';

/**
 * Opens the dead-letter queue, which nobody but people needs.
 *
 * @throws ForgeError `NOT_SET_UP` (permanent); `QUEUE_UNAVAILABLE` (transient).
 */
export async function openDeadLetters(
  env: Env,
): Promise<{ readonly letters: DeadLetters; readonly close: () => void }> {
  // No operator retries what is done by hand: the SDK makes a failed call again, as the API's does.
  const clients = awsClients(awsConfig(env), 'api');
  const close = () => clients.destroy();
  try {
    const { deadLetterQueueUrl } = await resolveNames(clients, awsNames(env));
    const letters = new SqsDeadLetters(clients.sqs, {
      deadLetterQueueUrl,
      waitSeconds: LIMITS.deadLetterWaitSeconds,
      visibilitySeconds: LIMITS.deadLetterVisibilitySeconds,
      receiveSlackMs: LIMITS.awsReceiveSlackMs,
    });
    return { letters, close };
  } catch (error) {
    close();
    throw error;
  }
}
