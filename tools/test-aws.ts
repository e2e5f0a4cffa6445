/**
 * `npm run test:aws`: the cloud suites against one AWS endpoint for all four services, which is `AWS_ENDPOINT_URL` where
 * it is set, else a `moto_server` of its own. Where there is neither, it runs nothing, says so, and is content.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isOnPath } from './is-on-path.ts';

const { AWS_ENDPOINT_URL: endpoint } = process.env;

if (endpoint) console.log(`test:aws runs against AWS_ENDPOINT_URL, ${endpoint}`);
else if (isOnPath('moto_server')) console.log('test:aws runs against a moto_server of its own');
else skip('AWS_ENDPOINT_URL is not set, and there is no moto_server on the PATH');

const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const args = [vitest, 'run', '--project', 'aws', ...process.argv.slice(2)];
const { status, error } = spawnSync(process.execPath, args, { stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;

function skip(reason: string): never {
  console.log(`test:aws ran NOTHING: ${reason}.`);
  console.log('To run it: pip install "moto[server]", or set AWS_ENDPOINT_URL.');
  process.exit(0);
}
