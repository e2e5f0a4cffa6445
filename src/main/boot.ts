import type { AwsProfile } from '#adapters/aws/clients.ts';
import { type Env, redacted } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { LiveEnv } from '#config/live-env.ts';
import type { LogLevel } from '#telemetry/leveled-log.ts';
import { pinoLog } from '#telemetry/pino-log.ts';
import { type OpenMetrics, openMetrics } from './open-metrics.ts';
import { awsConfig, openPorts, type Ports } from './ports.ts';
import { rereadOnHangup } from './reread.ts';

interface Booted {
  readonly env: Env;
  readonly ports: Ports;
}

/**
 * What every command on AWS begins with: the environment, a log in its name, and every port.
 *
 * @param level Of the log; the environment's unless told.
 * @throws ForgeError `INVALID_CONFIG`, `NOT_SET_UP` (permanent); transient where AWS is out of reach.
 */
export async function boot(
  profile: AwsProfile,
  service: string,
  level?: LogLevel,
): Promise<Booted> {
  const { env } = new LiveEnv();
  const booted = await open(env, pinoLog(level ?? env.LOG_LEVEL, service), profile);
  await booted.ports.lookUp();
  return booted;
}

/**
 * The same for a process that stays. Nothing needs to be up yet, SIGHUP rereads what may change, and its figures can be
 * fetched.
 *
 * @throws ForgeError `INVALID_CONFIG`, `PORT_IN_USE` (permanent).
 */
export async function bootProcess(profile: AwsProfile, service: string): Promise<Booted> {
  const live = new LiveEnv();
  const log = pinoLog(live.env.LOG_LEVEL, service);
  rereadOnHangup(live, log);
  return open(live.env, log, profile, await openMetrics(live.env, log));
}

async function open(
  env: Env,
  log: Ports['log'],
  profile: AwsProfile,
  measured?: OpenMetrics,
): Promise<Booted> {
  log.info(redacted(env), 'starting');
  const { queueWaitSeconds } = LIMITS;
  return {
    env,
    ports: await openPorts(env, log, {
      aws: awsConfig(env),
      profile,
      queueWaitSeconds,
      ...(measured && { measured }),
    }),
  };
}
