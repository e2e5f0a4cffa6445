import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const KIBIBYTE = 1024;

/** What the kernel has in a file, or nothing where there is no such process any more, or no `/proc`. */
function ask(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Everyone whom a process has started, and whom those have, while their parents live. */
export function descendants(pid: number): readonly number[] {
  const children = threadsOf(pid).flatMap((thread) =>
    ask(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  return [...children, ...children.flatMap(descendants)];
}

function status(pid: number, field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(ask(`/proc/${pid}/status`));
  return Number(line?.[1] ?? 0);
}

/** Bytes of memory a process has in use now. */
export const rssBytes = (pid: number): number => status(pid, 'VmRSS') * KIBIBYTE;

export const threadCount = (pid: number): number => status(pid, 'Threads');

/**
 * Watches the most memory that a process and any of its children had in use, each for itself: the kernel keeps the
 * high-water mark, so that only children who come and go between two looks are missed.
 */
export class PeakMemory {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #ofChildren = 0;

  constructor(pid: number, everyMs = 5) {
    this.#pid = pid;
    try {
      // Begins the mark anew.
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
    } catch {
      // Then it is that of the whole life, which is no less.
    }
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** Stops looking. */
  end(): { readonly ownBytes: number; readonly childBytes: number } {
    clearInterval(this.#timer);
    this.#look();
    return { ownBytes: peak(this.#pid), childBytes: this.#ofChildren };
  }

  #look(): void {
    for (const child of descendants(this.#pid)) {
      this.#ofChildren = Math.max(this.#ofChildren, peak(child));
    }
  }
}

const peak = (pid: number): number => status(pid, 'VmHWM') * KIBIBYTE;
