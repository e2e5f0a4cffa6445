import { parseArgs } from 'node:util';
import { readEnv } from '#config/env.ts';
import { type EmbeddedCloud, startEmbeddedCloud } from '#embedded/embedded-cloud.ts';
import { PortInUseError } from '#embedded/port-in-use-error.ts';
import { cloudDirectory } from './start-stack.ts';

const USAGE = `npm run cloud -- [options]

Runs S3, SQS, SNS and DynamoDB on this machine, until Ctrl-C, and prints the variables that point at them.

  --data-dir DIR          where the state is kept           (DATA_DIR/cloud)
  --s3-port PORT          0 is a free one, here and below    (CLOUD_S3_PORT)
  --messaging-port PORT   SQS and SNS                 (CLOUD_MESSAGING_PORT)
  --dynamodb-port PORT                                 (CLOUD_DYNAMODB_PORT)
  --json                  one line of JSON when ready, nothing else on stdout
`;

function options() {
  const env = readEnv();
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string', default: cloudDirectory(env) },
      's3-port': { type: 'string', default: String(env.CLOUD_S3_PORT) },
      'messaging-port': { type: 'string', default: String(env.CLOUD_MESSAGING_PORT) },
      'dynamodb-port': { type: 'string', default: String(env.CLOUD_DYNAMODB_PORT) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const port = (name: 's3-port' | 'messaging-port' | 'dynamodb-port') => {
    const number = Number(values[name]);
    if (/^\d+$/.test(values[name]) && number <= 65_535) return number;
    throw new Error(`--${name} takes a port, not ${values[name]}`);
  };
  return {
    dataDir: values['data-dir'],
    ports: {
      s3: port('s3-port'),
      messaging: port('messaging-port'),
      dynamodb: port('dynamodb-port'),
    },
    json: values.json,
    help: values.help,
  };
}

/** The SDK's own variables, so that nothing else needs to be told. */
function variables({ endpoints, region, credentials }: EmbeddedCloud): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

async function run(): Promise<void> {
  const { dataDir, ports, json, help } = options();
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const cloud = await startEmbeddedCloud({ dataDir, ports, log });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cloud.close());
  }
  const env = variables(cloud);
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${value}\n`);
  const text = `# The cloud runs until Ctrl-C, its state in ${dataDir}. Paste this where you need it:\n${exports.join('')}`;
  process.stdout.write(json ? `${JSON.stringify({ dataDir, env })}\n` : text);
}

try {
  await run();
} catch (error) {
  const hint =
    error instanceof PortInUseError ? `; choose another with --${error.service}-port` : '';
  process.stderr.write(`${error instanceof Error ? error.message : error}${hint}\n`);
  process.exitCode = 1;
}
