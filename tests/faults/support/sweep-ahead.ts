import { lastValueFrom, toArray } from 'rxjs';
import { readEnv } from '#config/env.ts';
import { awsConfig, openPorts } from '#main/ports.ts';
import { wireSweepOnce } from '#main/wire-sweeper.ts';
import type { Swept } from '#streams/sweeper.ts';
import { cloud } from '../../support/cloud.ts';
import { RecordedLog } from '../../support/recorded-log.ts';
import type { TestStack } from '../../support/stack.ts';
import { stackVariables } from '../../support/stack-variables.ts';

/**
 * One pass of the sweeper by a clock that is ahead: what would be due by then is due now.
 *
 * @param aheadMs From now.
 */
export async function sweepAhead(stack: TestStack, aheadMs: number): Promise<readonly Swept[]> {
  const env = readEnv(stackVariables(stack));
  const ports = await openPorts(env, new RecordedLog(), {
    aws: { ...awsConfig(env), credentials: { ...cloud().credentials } },
    profile: 'worker',
    queueWaitSeconds: 1,
  });
  const clock = { now: () => ports.clock.now() + aheadMs };
  try {
    return await lastValueFrom(wireSweepOnce({ ...ports, clock }, env).pipe(toArray()));
  } finally {
    ports.close();
  }
}
