import type { LiveEnv } from '#config/live-env.ts';
import type { LeveledLog } from '#telemetry/leveled-log.ts';

/** From now on SIGHUP, which would end the process, makes it reread what may change while it runs. */
export function rereadOnHangup(live: Pick<LiveEnv, 'env' | 'reread'>, log: LeveledLog): void {
  process.on('SIGHUP', () => reread(live, log));
}

/** Rereads the environment, and says what came of it. */
export function reread(live: Pick<LiveEnv, 'env' | 'reread'>, log: LeveledLog): void {
  const result = live.reread();
  switch (result.kind) {
    case 'no file':
      log.warn({}, 'nothing to reread: ENV_FILE is not set');
      return;
    case 'refused':
      for (const { detail } of result.faults) log.error({ detail }, 'ENV_FILE is not usable');
      return;
    case 'reread':
      log.setLevel(live.env.LOG_LEVEL);
      log.info(result.changed, 'tunables reread');
      if (result.later.length > 0) {
        log.warn({ variables: result.later }, 'these take effect at the next start');
      }
      return;
    default:
      result satisfies never;
  }
}
