import { readFile } from 'node:fs/promises';

/** Linux tells processor time in hundredths of a second, whatever the kernel's own clock does. */
const MS_PER_TICK = 10;

/** What Linux says of a process. */
export interface ProcessFacts {
  /** One letter: `R` runs or would if it could, `D` waits for a disk, `S` sleeps, `T` is stopped, `Z` has ended. */
  readonly state: string;
  /** Processor time of all its threads, so far. */
  readonly cpuMs: number;
  /** When it was started, in ticks since the machine was: with its number, no other has it. */
  readonly startedAt: string;
}

/** The facts of a process, or null where there is no such process, or nobody who would tell. */
export async function processFacts(pid: number): Promise<ProcessFacts | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5) counts from 1; its second field is a name in brackets, and may have anything in it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): string | undefined => fields[number - 3];
  const [state, startedAt] = [field(3), field(22)];
  if (!state || !startedAt) return null;
  return { state, startedAt, cpuMs: (Number(field(14)) + Number(field(15))) * MS_PER_TICK };
}
