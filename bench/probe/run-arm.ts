/** The body of an arm's process: reads what it is told to, as often as it is told, and says what that took. */
import { readFileSync } from 'node:fs';
import { type ArmName, openArm, type Target } from './arms.ts';
import type { StoreAddress } from './store.ts';

/** What an arm is told. */
export interface ArmRequest {
  readonly target: Target;
  readonly times: number;
}

/** What so many readings took together, and how long each. */
export interface ArmAnswer {
  readonly ms: readonly number[];
  /** User and system time of the process and of the children that have ended. */
  readonly cpuMs: number;
  readonly durationSeconds: number | null;
  /** Why it could not be read. */
  readonly error: string | null;
}

const [, , name = '', address = '', ffprobePath = ''] = process.argv;
const store: StoreAddress = JSON.parse(address);
const read = await openArm(name as ArmName, store, ffprobePath);

/** The kernel counts children in hundredths of a second; there is no such count elsewhere. */
function childrenCpuMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return 0;
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenCpuMs();
}

async function measure({ target, times }: ArmRequest): Promise<ArmAnswer> {
  const before = cpuMs();
  const ms: number[] = [];
  let durationSeconds: number | null = null;
  let error: string | null = null;
  for (let n = 0; n < times; n += 1) {
    const since = performance.now();
    try {
      durationSeconds = await read(target);
    } catch (reason) {
      error = reason instanceof Error ? reason.message : String(reason);
    }
    ms.push(performance.now() - since);
  }
  return { ms, cpuMs: cpuMs() - before, durationSeconds, error };
}

process.on('message', ({ id, request }: { id: number; request: ArmRequest }) => {
  void measure(request).then((answer) => process.send?.({ id, answer }));
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, answer: 'ready' });
