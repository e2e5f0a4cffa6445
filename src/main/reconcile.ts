import { parseArgs } from 'node:util';
import { lastValueFrom, toArray } from 'rxjs';
import { readEnv } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { assetName } from '#domain/keys.ts';
import { pinoLog } from '#telemetry/pino-log.ts';
import { awsConfig, openPorts } from './ports.ts';
import { runMain } from './run-main.ts';
import { table } from './table.ts';
import { wireSweepOnce } from './wire-sweeper.ts';

/** `npm run reconcile`: one pass over what is due, the longest due first, and what was done about it. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const env = readEnv();
  const log = pinoLog('warn', 'streamforge-reconcile');
  const ports = await openPorts(env, log, {
    aws: awsConfig(env),
    profile: 'worker',
    queueWaitSeconds: LIMITS.queueWaitSeconds,
  });
  const swept = await lastValueFrom(wireSweepOnce(ports, env).pipe(toArray()));
  ports.close();
  const rows = swept.map(({ key, finding }) => [finding, assetName(key)]);
  const lines = values.json
    ? swept.map(({ key, finding }) => `${JSON.stringify({ ...key, finding })}\n`).join('')
    : `${rows.length === 0 ? 'Nothing is due.' : table([['DONE', 'ASSET'], ...rows])}\n`;
  process.stdout.write(lines);
  process.exitCode = swept.some(({ finding }) => finding === 'error') ? 1 : 0;
}

await runMain(main);
