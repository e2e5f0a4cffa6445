/*
 * `npm run bench:cost [-- --json] [--assets N] [--derivatives LIST]`: every call that one asset costs on its way from init
 * to its event, counted on the embedded cloud, at list prices, beside the least it could be. docs/benchmarks.md says what
 * the figures mean.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tableInput } from '#adapters/aws/provision-table.ts';
import { runMain } from '#main/run-main.ts';
import { redisUnavailable, startRedis } from '../tests/support/redis.ts';
import { type CostRow, costGoals, countedRows, floorRows } from './cost/cost-rows.ts';
import { CountedCalls } from './cost/counted-calls.ts';
import { runPath, startCloud } from './cost/run-path.ts';
import type { IndexShape } from './cost/write-units.ts';
import { goalLines, machine, type Report, table } from './report.ts';

/** The indexes of the table as it is made: every one carries the key of the row, its own keys, and what it is told to. */
const INDEXES: readonly IndexShape[] = (tableInput('').GlobalSecondaryIndexes ?? []).map(
  ({ IndexName = '', KeySchema = [], Projection }) => {
    const keys = KeySchema.map(({ AttributeName = '' }) => AttributeName);
    return {
      name: IndexName,
      keys,
      carries: ['pk', ...keys, ...(Projection?.NonKeyAttributes ?? [])],
    };
  },
);

const ARMS: readonly CostRow['arm'][] = ['streamforge', 'floor'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      assets: { type: 'string', default: '500' },
      // What an asset costs at the least; what is made of it is paid for by who asks for it.
      derivatives: { type: 'string', default: 'none' },
    },
  });
  const assets = Number(values.assets);
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  const dataDir = await mkdtemp(join(tmpdir(), 'streamforge-cost-'));
  const redis = redisUnavailable === null ? await startRedis() : null;
  if (redisUnavailable) progress(`Redis is not counted: ${redisUnavailable}`);
  const cloud = await startCloud(dataDir);
  try {
    const counted = new CountedCalls(INDEXES);
    const finished = await runPath(counted, {
      cloudEnv: cloud.env,
      redisUrl: redis?.url,
      assets,
      derivatives: values.derivatives,
      progress,
    });
    const rows = [...countedRows(counted, assets), ...floorRows()];
    const goals = costGoals(rows, finished, assets);
    const report: Report<CostRow> = { bench: 'cost', machine: machine(), rows, goals };
    if (values.json) console.log(JSON.stringify(report));
    else
      console.log(`${report.machine}, ${assets} assets\n\n${tables(rows)}\n\n${goalLines(goals)}`);
  } finally {
    await cloud.stop();
    await redis?.stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function tables(rows: readonly CostRow[]): string {
  const headings = ['for one asset', 'calls', 'units', 'in indexes', 'for a million'];
  const usd = (dollars: number): string => `$${dollars.toFixed(3)}`;
  return ARMS.map((arm) => {
    const of = rows.filter((row) => row.arm === arm);
    const sum = of
      .filter(({ byTheClock }) => !byTheClock)
      .reduce((total, { usdPerMillion }) => total + usdPerMillion, 0);
    const cells = of.map((row) => [
      row.byTheClock ? `${row.what}, by the clock` : row.what,
      row.callsPerAsset.toFixed(3),
      row.unitsPerAsset?.toFixed(2) ?? '',
      row.indexUnitsPerAsset?.toFixed(2) ?? '',
      row.byTheClock ? `(${usd(row.usdPerMillion)})` : usd(row.usdPerMillion),
    ]);
    return `${arm}\n\n${table(headings, [...cells, ['all of it', '', '', '', usd(sum)]])}`;
  }).join('\n\n');
}

await runMain(main);
// The worker would wait out its long polls for messages that will not come.
process.exit();
