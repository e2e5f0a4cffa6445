import type { Goal } from '../report.ts';
import { type CountedCalls, REFUSED } from './counted-calls.ts';
import { callPrice, PRICES } from './prices.ts';

/** One kind of thing that is paid for, for one asset. */
export interface CostRow {
  /** The whole path as it was counted, or the least that could do. */
  readonly arm: 'streamforge' | 'floor';
  readonly what: string;
  readonly callsPerAsset: number;
  /** Where it is not the call that is billed: units in the table, and in its indexes. */
  readonly unitsPerAsset?: number;
  readonly indexUnitsPerAsset?: number;
  /** Dollars for a million assets. */
  readonly usdPerMillion: number;
  /** Goes by the clock, not by the asset: it is in no sum. */
  readonly byTheClock?: true;
}

/** init, claim, commit and clearOutbox. */
const PROTOCOL_WRITES = 4;
const BATCH = 10;

/** What was counted, for one of so many assets. */
export function countedRows({ calls, steps }: CountedCalls, assets: number): readonly CostRow[] {
  const arm = 'streamforge';
  const byCall = [...calls].toSorted(([one], [other]) => one.localeCompare(other));
  return [
    ...byCall.flatMap(([name, count]): CostRow[] => {
      const [service = '', command = ''] = name.split(' ');
      const callsPerAsset = count / assets;
      if (command === 'PutItem' || command === 'UpdateItem') return [];
      const usd = service === 'DynamoDB' ? readPrice(command) : callPrice(service, command);
      const byTheClock = command === 'Query' ? ({ byTheClock: true } as const) : {};
      return [
        { arm, what: name, callsPerAsset, usdPerMillion: callsPerAsset * usd, ...byTheClock },
      ];
    }),
    ...[...steps].map(([step, { writes, tableUnits, indexUnits }]): CostRow => {
      const units = (tableUnits + indexUnits) / assets;
      return {
        arm,
        what: `DynamoDB write, ${step}`,
        callsPerAsset: writes / assets,
        unitsPerAsset: tableUnits / assets,
        indexUnitsPerAsset: indexUnits / assets,
        usdPerMillion: units * PRICES.dynamodbWriteUnit,
      };
    }),
    // It never comes by this process's clients.
    { arm, what: 'S3 PutObject, the client', callsPerAsset: 1, usdPerMillion: PRICES.s3Put },
  ];
}

/** A consistent read of a row, or a look at a shard of the index that finds next to nothing. */
const readPrice = (command: string): number =>
  command === 'Query' ? PRICES.dynamodbReadUnit / 2 : PRICES.dynamodbReadUnit;

/** The least: full batches, one read of the object, a unit for each write, no index. */
export function floorRows(): readonly CostRow[] {
  const row = (what: string, callsPerAsset: number, price: number): CostRow => ({
    arm: 'floor',
    what,
    callsPerAsset,
    usdPerMillion: callsPerAsset * price,
  });
  return [
    row('SQS ReceiveMessage', 1 / BATCH, PRICES.sqsRequest),
    row('SQS DeleteMessageBatch', 1 / BATCH, PRICES.sqsRequest),
    row('SNS PublishBatch', 1 / BATCH, PRICES.snsPublish),
    row('DynamoDB write', PROTOCOL_WRITES, PRICES.dynamodbWriteUnit),
  ];
}

/** What does not depend on how fast the machine is; how full batches are does, see `npm run bench:worker`. */
export function costGoals(
  rows: readonly CostRow[],
  completed: number,
  assets: number,
): readonly Goal[] {
  const calls = (start: string): number =>
    rows
      .filter(({ arm, what }) => arm === 'streamforge' && what.startsWith(start))
      .reduce((sum, { callsPerAsset }) => sum + callsPerAsset, 0);
  const most = (name: string, got: number, bound: number): Goal => ({
    name,
    goal: `<= ${bound}`,
    got: Number(got.toFixed(3)),
    met: got <= bound + 1e-9,
  });
  return [
    { name: 'assets finished', goal: `${assets}`, got: completed, met: completed === assets },
    // Renewals go by how long a job takes: with derivatives, on a machine that is busy.
    most(
      'conditional writes per asset, renewals left out',
      calls('DynamoDB write') - calls('DynamoDB write, renew'),
      PROTOCOL_WRITES,
    ),
    most('writes that were refused, per asset', calls(`DynamoDB write, ${REFUSED}`), 0),
  ];
}
