/** `npm run fuzz`: see the usage in `options.ts`. */
import { randomInt } from 'node:crypto';
import { runMain } from '#main/run-main.ts';
import { table } from '#main/table.ts';
import { readOptions, USAGE } from './options.ts';
import { type FuzzResult, fuzz } from './run.ts';

const write = (text: string): void => {
  process.stdout.write(text);
};

async function main(): Promise<void> {
  const command = readOptions(process.argv.slice(2), () => randomInt(2 ** 32 - 1));
  if (command.help) return write(USAGE);
  if (!command.json) write(`seed ${command.seed}, ${command.seconds} s\n`);
  const result = await fuzz(command);
  if (command.json) write(`${JSON.stringify(result)}\n`);
  else tell(result);
  process.exitCode = result.ok ? 0 : 1;
}

const MEBIBYTE = 1024 * 1024;
const mebibytes = (bytes: number): string => `${Math.round(bytes / MEBIBYTE)} MiB`;

function tell(result: FuzzResult): void {
  const { files, outcomes, slowestMs, peakBytes, rssBytes, threads, failures } = result;
  const rows = [
    ['files', String(files)],
    ...Object.entries(outcomes).map(([code, count]) => [`  ${code}`, String(count)]),
    ['slowest', `${slowestMs} ms`],
    ['most memory, reader and child', `${mebibytes(peakBytes.own)}, ${mebibytes(peakBytes.child)}`],
    ['memory, warm and at the end', rssBytes.map(mebibytes).join(', ')],
    ['threads at the end', String(threads)],
  ];
  write(`${table([['WHAT', 'COUNT'], ...rows])}\n`);
  for (const { number, from, how, what, message, file } of failures) {
    write(
      `#${number} of ${from} (${how}): ${what}${file ? `, kept as ${file}` : ''}\n${message}\n`,
    );
  }
  write(result.ok ? 'Every file ended as it should.\n' : `${failures.length} did not.\n`);
}

await runMain(main);
