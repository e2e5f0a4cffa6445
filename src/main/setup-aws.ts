import { parseArgs } from 'node:util';
import { awsClients } from '#adapters/aws/clients.ts';
import { provision } from '#adapters/aws/provision.ts';
import { readEnv } from '#config/env.ts';
import { LIMITS } from '#config/limits.ts';
import { awsConfig, awsNames } from './ports.ts';
import { runMain } from './run-main.ts';
import { table } from './table.ts';

/** `npm run setup:aws`: creates what the environment names, wherever its endpoints point. Running it again changes nothing. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const env = readEnv();
  const clients = awsClients(awsConfig(env), 'api');
  const steps = await provision(clients, awsNames(env), {
    ...LIMITS,
    region: env.AWS_REGION,
    corsOrigins: env.CORS_ORIGINS,
  });
  clients.destroy();
  const rows = steps.map(({ state, resource, name, detail }) => [
    state,
    resource,
    name,
    detail ?? '',
  ]);
  const lines = values.json
    ? steps.map((step) => JSON.stringify(step)).join('\n')
    : table([['STATE', 'RESOURCE', 'NAME', 'NOTE'], ...rows]);
  process.stdout.write(`${lines}\n`);
}

await runMain(main);
