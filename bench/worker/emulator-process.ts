import { type ChildProcess, fork } from 'node:child_process';
import type { EmulatorRequest } from './emulator.ts';

interface Reply {
  readonly id: number;
  readonly answer: unknown;
}

/** A queue of the emulator. */
export interface BenchQueue {
  readonly url: string;
  fill(from: number, count: number): Promise<void>;
  drop(): Promise<void>;
}

/** The emulator in a process of its own, so that it shares no event loop with what is measured. */
export class EmulatorProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #calls = 0;
  #endpoint = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => {
      const { id, answer } = message as Reply;
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  static async start(): Promise<EmulatorProcess> {
    const child = fork(new URL('./emulator.ts', import.meta.url));
    const emulator = new EmulatorProcess(child);
    const early = Promise.withResolvers<never>();
    child.once('exit', () => early.reject(new Error('the emulator ended')));
    early.promise.catch(() => undefined);
    emulator.#endpoint = String(await Promise.race([emulator.#reply(0), early.promise]));
    return emulator;
  }

  get endpoint(): string {
    return this.#endpoint;
  }

  async queue(name: string): Promise<BenchQueue> {
    const url = String(await this.#call({ kind: 'create', name }));
    return {
      url,
      fill: async (from, count) => {
        await this.#call({ kind: 'fill', name, from, count });
      },
      drop: async () => {
        await this.#call({ kind: 'drop', name });
      },
    };
  }

  /** CPU time of the emulator since it began. */
  async cpuMicros(): Promise<number> {
    return Number(await this.#call({ kind: 'cpu' }));
  }

  stop(): void {
    this.#child.kill();
  }

  #call(request: EmulatorRequest): Promise<unknown> {
    this.#calls += 1;
    const reply = this.#reply(this.#calls);
    this.#child.send({ id: this.#calls, request });
    return reply;
  }

  #reply(id: number): Promise<unknown> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
