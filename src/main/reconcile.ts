import { parseArgs } from 'node:util';
import { lastValueFrom, toArray } from 'rxjs';
import { assetName } from '#domain/keys.ts';
import { boot } from './boot.ts';
import { runMain } from './run-main.ts';
import { table } from './table.ts';
import { wireSweepOnce } from './wire-sweeper.ts';

/** `npm run reconcile`: one pass over what is due, the longest due first, and what was done about it. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const { env, ports } = await boot('worker', 'streamforge-reconcile', 'warn');
  const swept = await lastValueFrom(wireSweepOnce(ports, env).pipe(toArray()));
  ports.close();
  const rows = swept.map((one) => [
    one.finding,
    'key' in one ? assetName(one.key) : `shard ${one.shard} of the index`,
  ]);
  const lines = values.json
    ? swept
        .map(
          (one) => `${JSON.stringify('key' in one ? { ...one.key, finding: one.finding } : one)}\n`,
        )
        .join('')
    : `${rows.length === 0 ? 'Nothing is due.' : table([['DONE', 'ASSET'], ...rows])}\n`;
  process.stdout.write(lines);
  process.exitCode = swept.some(({ finding }) => finding === 'error') ? 1 : 0;
}

await runMain(main);
