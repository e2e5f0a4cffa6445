import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Env } from '#config/env.ts';
import { LiveEnv } from '#config/live-env.ts';
import { plainLog } from '#telemetry/plain-log.ts';
import { rereadOnHangup } from './reread.ts';
import { type Life, runProcess } from './run-process.ts';
import { cloudDirectory, type Stack, startStack } from './start-stack.ts';

/** `npm start`: everything in one process, on the embedded cloud. `--fresh` forgets what was there. */
async function main({ asked, bequeath }: Life): Promise<void> {
  const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });
  const live = new LiveEnv();
  const { env } = live;
  if (values.fresh) rmSync(cloudDirectory(env), { recursive: true, force: true });
  const time = (): string => new Date().toTimeString().slice(0, 8);
  const log = plainLog(env.LOG_LEVEL, (line) => process.stderr.write(line), time);
  bequeath({ log });
  rereadOnHangup(live, log);
  const stack = await startStack(env, log);
  bequeath({ log, abandon: stack.abandon });
  process.stdout.write(banner(stack, env));
  await Promise.race([asked, stack.failed]);
  process.stdout.write('\nFinishing what is under way; Ctrl-C again ends at once.\n');
  await stack.stop();
}

function banner({ url, cloud }: Stack, env: Env): string {
  const { s3, sqs, dynamodb } = cloud.endpoints;
  const curl = env.API_KEYS ? 'curl -s -H "authorization: Bearer $API_KEY"' : 'curl -s';
  const file = 'samples/clip.mp4';
  const authentication = env.API_KEYS
    ? 'API keys'
    : 'off, because API_KEYS is not set and only this machine can reach it';
  return `StreamForge is running. Ctrl-C stops it; its state stays in ${env.DATA_DIR} (npm start -- --fresh begins anew).

  API             ${url}
  S3              ${s3}
  SQS and SNS     ${sqs}
  DynamoDB        ${dynamodb}
  authentication  ${authentication}

Upload a file and see what it is (paste all of it${env.API_KEYS ? ', a key in API_KEY' : ''}):

  init=$(${curl} ${url}/api/videos/init -H 'content-type: application/json' \\
    -d '{"fileName":"clip.mp4","contentType":"video/mp4","size":'"$(wc -c < ${file})"'}')
  curl -T ${file} -H 'content-type: video/mp4' -H 'if-none-match: *' \\
    "$(echo "$init" | sed 's/.*"url":"\\([^"]*\\)".*/\\1/')"
  sleep 1; ${curl} ${url}/api/videos/$(echo "$init" | sed 's/.*{"id":"\\([^"]*\\)".*/\\1/')

`;
}

await runProcess(main);
