import type { EmulatorProcess } from './emulator-process.ts';
import { type Run, runTrial, type TrialPlan } from './run-trial.ts';

/** Runs trials and tells people how far it is, on stderr. */
export class Progress {
  readonly #emulator: EmulatorProcess;
  readonly #total: number;
  #done = 0;

  constructor(emulator: EmulatorProcess, total: number) {
    this.#emulator = emulator;
    this.#total = total;
  }

  async run(plan: TrialPlan): Promise<Run> {
    const run = await runTrial(this.#emulator, plan);
    this.#done += 1;
    const rate = (run.messages / run.seconds).toFixed(0);
    const far = `${this.#done}/${this.#total}`;
    process.stderr.write(`${far}  ${plan.scenario}  ${plan.arm}: ${rate} messages a second\n`);
    return run;
  }

  /** All at once: for what needs next to no processor. */
  beside(plans: readonly TrialPlan[]): Promise<readonly Run[]> {
    return Promise.all(plans.map((plan) => this.run(plan)));
  }
}
