// A worker whose log nobody reads: both its outputs are one pipe, full from the start, whose reader has stopped.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Processes } from '../support/processes.ts';
import { EVENTUALLY } from '../support/queue-watch.ts';
import { stackVariables } from '../support/stack-variables.ts';
import { faultWorld } from './support/fault-world.ts';

/** Makes a named pipe that takes no more: who writes to it waits for ever. It is one as long as it is not closed. */
function fullPipe(path: string): { close(): void } {
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(reader, '.'.repeat(4096));
  } catch {
    return { close: () => closeSync(reader) };
  }
}

const elsewhere = process.platform === 'linux' ? '' : ' (skipped: named pipes of Linux)';

describe('a worker whose log nobody reads', () => {
  it.skipIf(elsewhere !== '')(
    `S19 works, and drains when it is told to${elsewhere}`,
    async (test) => {
      const { stack, upload } = await faultWorld(test);
      const processes = new Processes();
      test.onTestFinished(() => processes.end());
      const path = join(await processes.directory(), 'log');
      test.onTestFinished(fullPipe(path).close);
      const node = [process.execPath, 'src/main/worker.ts'];
      const worker = processes.run('sh', ['-c', 'exec "$@" > "$LOG" 2>&1', 'sh', ...node], {
        ...stackVariables(stack),
        ...{ LOG: path, LOG_LEVEL: 'debug' },
      });
      const { id } = await upload();
      await stack.untilDone(id, 'COMPLETED');
      worker.signal('SIGTERM');
      // What comes ends its long poll, and is given back.
      await vi.waitFor(async () => {
        await stack.send({ Event: 's3:TestEvent' });
        expect(worker.ended).toBe(true);
      }, EVENTUALLY);
      expect(await worker.exitCode()).toBe(0);
    },
  );
});
