import type { AwsProfile } from '#adapters/aws/clients.ts';
import { type Env, readEnv, redacted } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { type LogLevel, pinoLog } from '#telemetry/pino-log.ts';
import { awsConfig, openPorts, type Ports } from './ports.ts';

/**
 * What every process on AWS begins with: the environment, a log in its name, and every port.
 *
 * @param level Of the log; the environment's unless told.
 */
export async function boot(
  profile: AwsProfile,
  service: string,
  level?: LogLevel,
): Promise<{ env: Env; ports: Ports }> {
  const env = readEnv();
  const log = pinoLog(level ?? env.LOG_LEVEL, service);
  log.info(redacted(env), 'starting');
  const { queueWaitSeconds } = LIMITS;
  const ports = await openPorts(env, log, { aws: awsConfig(env), profile, queueWaitSeconds });
  return { env, ports };
}
