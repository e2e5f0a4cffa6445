import { join } from 'node:path';
import { awsClients } from '#adapters/aws/clients.ts';
import { provision } from '#adapters/aws/provision.ts';
import type { Env } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { ForgeError } from '#domain/errors.ts';
import { DataDirInUseError } from '#embedded/data-dir-in-use-error.ts';
import type { EmbeddedCloud } from '#embedded/embedded-cloud.ts';
import { PortInUseError } from '#embedded/port-in-use-error.ts';
import type { Log } from '#ports/log.ts';
import { openMetrics } from './open-metrics.ts';
import { awsConfig, awsNames, openPorts } from './ports.ts';
import { portInUse, serveApi } from './serve-api.ts';
import { startWorker } from './start-worker.ts';
import { wireApi } from './wire.ts';
import { within } from './within.ts';

/** Everything in one process, running. */
export interface Stack {
  readonly url: string;
  readonly cloud: EmbeddedCloud;
  /** Rejects when the worker ends by itself, which is a bug. */
  readonly failed: Promise<void>;
  /** Finishes what is under way, then stops. */
  stop(): Promise<void>;
  /** Gives back at once what is under way, so that the process may end. */
  abandon(): Promise<void>;
}

/** Where the embedded cloud keeps its state. */
export function cloudDirectory({ DATA_DIR }: Pick<Env, 'DATA_DIR'>): string {
  return join(DATA_DIR, 'cloud');
}

/**
 * Starts the embedded cloud, sets it up, and runs API and worker on it.
 *
 * @throws ForgeError `PORT_IN_USE` (permanent), with the variable to set.
 */
export async function startStack(env: Env, log: Log): Promise<Stack> {
  const measured = await openMetrics(env, log);
  const cloud = await startCloud(env, log).catch((error: unknown) => {
    measured.close();
    throw error;
  });
  const { endpoints, credentials, region } = cloud;
  const aws = { ...awsConfig(env), region, endpoints, credentials };
  const setUp = awsClients(aws, 'worker');
  await provision(setUp, awsNames(env), { region, corsOrigins: env.CORS_ORIGINS, ...LIMITS });
  setUp.destroy();
  const queueWaitSeconds = LIMITS.queueWaitSecondsEmbedded;
  const ports = await openPorts(env, log, { aws, profile: 'worker', queueWaitSeconds, measured });
  const serving = await serveApi(wireApi(ports, env), {
    host: env.HOST,
    port: env.PORT,
    requestTimeoutMs: LIMITS.apiRequestTimeoutMs,
  }).catch(async (error: unknown) => {
    ports.close();
    await cloud.close();
    throw error;
  });
  const running = startWorker(ports, env);
  return {
    url: serving.url,
    cloud,
    failed: running.done,
    abandon: running.abandon,
    stop: async () => {
      await Promise.all([within(LIMITS.drainMs, serving.close()), running.drain()]);
      ports.close();
      await cloud.close();
    },
  };
}

async function startCloud(env: Env, log: Log): Promise<EmbeddedCloud> {
  const ports = {
    s3: env.CLOUD_S3_PORT,
    messaging: env.CLOUD_MESSAGING_PORT,
    dynamodb: env.CLOUD_DYNAMODB_PORT,
  };
  // Its packages are devDependencies: only who starts the embedded cloud may need them.
  const { startEmbeddedCloud } = await import('#embedded/embedded-cloud.ts');
  try {
    return await startEmbeddedCloud({
      dataDir: cloudDirectory(env),
      ports,
      log: (detail) => log.warn({ detail }, 'embedded cloud'),
    });
  } catch (error) {
    if (error instanceof DataDirInUseError) throw dataDirInUse(env, error);
    if (!(error instanceof PortInUseError)) throw error;
    throw portInUse(error.port, `CLOUD_${error.service.toUpperCase()}_PORT`, error);
  }
}

/** Two stacks in one folder want the same ports, too: all that has to differ is named at once. */
function dataDirInUse(env: Env, cause: DataDirInUseError): ForgeError {
  const ports = `PORT (${env.PORT}), CLOUD_S3_PORT (${env.CLOUD_S3_PORT}), CLOUD_MESSAGING_PORT (${env.CLOUD_MESSAGING_PORT}) and CLOUD_DYNAMODB_PORT (${env.CLOUD_DYNAMODB_PORT})`;
  const detail = `another StreamForge runs on ${env.DATA_DIR}: end it, or set DATA_DIR, ${ports} to others`;
  return new ForgeError('DATA_DIR_IN_USE', 'permanent', detail, { cause });
}
