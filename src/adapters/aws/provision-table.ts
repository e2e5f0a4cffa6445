import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { ForgeError } from '#domain/errors.ts';
import { DUE_INDEX, TENANT_INDEX } from './asset-table.ts';
import { type ProvisionStep, step, unless } from './provision-step.ts';

/** How long a new table may take to become active; AWS needs some ten seconds. */
const ACTIVE_WAIT_SECONDS = 120;

/** What a list shows of an asset without reading it. Nothing that changes with every write: each change is a write here too. */
const LISTED = [
  'assetId',
  'status',
  'fileName',
  'contentType',
  'size',
  'generation',
  'completedAt',
];

/** The table as it is made, with the keys and indexes that `asset-table.ts` names. */
export const tableInput = (name: string): CreateTableCommandInput => ({
  TableName: name,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'dueShard', AttributeType: 'S' },
    { AttributeName: 'dueAt', AttributeType: 'N' },
    { AttributeName: 'tenant', AttributeType: 'S' },
    { AttributeName: 'createdAt', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: DUE_INDEX,
      KeySchema: [
        { AttributeName: 'dueShard', KeyType: 'HASH' },
        { AttributeName: 'dueAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
    {
      IndexName: TENANT_INDEX,
      KeySchema: [
        { AttributeName: 'tenant', KeyType: 'HASH' },
        { AttributeName: 'createdAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: LISTED },
    },
  ],
});

/** Creates the table with both indexes, and waits until it can be used. */
export function provisionTable(dynamodb: DynamoDBClient, name: string): Promise<ProvisionStep> {
  return step('table', name, async () => {
    const describe = () => dynamodb.send(new DescribeTableCommand({ TableName: name }));
    const found = await unless(['ResourceNotFoundException'], describe);
    if (found?.Table) checkTable(name, found.Table);
    else await dynamodb.send(new CreateTableCommand(tableInput(name)));
    await waitUntilTableExists(
      { client: dynamodb, maxWaitTime: ACTIVE_WAIT_SECONDS, minDelay: 1, maxDelay: 2 },
      { TableName: name },
    );
    return found?.Table ? 'found' : 'created';
  });
}

/** A table of that name with other keys is somebody else's, and cannot be changed into ours. */
function checkTable(name: string, table: TableDescription): void {
  const wanted = tableInput(name);
  const keys = (schema: { readonly AttributeName?: string | undefined }[] | undefined) =>
    (schema ?? []).map(({ AttributeName }) => AttributeName).join();
  const indexes = new Map(
    table.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema }) => [IndexName, keys(KeySchema)]),
  );
  const wrong = [
    ...(keys(table.KeySchema) === keys(wanted.KeySchema) ? [] : ['its key']),
    ...(wanted.GlobalSecondaryIndexes ?? [])
      .filter(({ IndexName, KeySchema }) => indexes.get(IndexName) !== keys(KeySchema))
      .map(({ IndexName }) => `index '${IndexName}'`),
  ];
  if (wrong.length === 0) return;
  const text = `there is a table of that name without ${wrong.join(' and ')} as StreamForge needs it`;
  throw new ForgeError('NOT_SET_UP', 'permanent', text);
}
