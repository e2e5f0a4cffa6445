import type { ChaosProgress } from './run.ts';

/** Shows how far a run is. */
export interface ProgressLine {
  readonly show: (progress: ChaosProgress) => void;
  /** Leaves the cursor on a line of its own. */
  readonly end: () => void;
}

const BAR_CELLS = 30;
/** Where nobody sees a line change, it is a new one after so many steps of the bar. */
const STEPS_PER_LINE = 3;

/** One line that changes on a terminal; elsewhere a plain line now and then. */
export function progressLine(
  write: (text: string) => void,
  isTerminal: boolean,
  jobs: number,
): ProgressLine {
  let shown = '';
  return {
    show: (progress) => {
      const { phase, accepted, finished, kills, faultsActive, faultsLeft } = progress;
      const filled = Math.min(BAR_CELLS, Math.round((BAR_CELLS * finished) / jobs));
      const facts = `${finished} of ${jobs} finished, ${accepted} sent, ${kills} kills, ${faultsActive} faults now, ${faultsLeft} to come, ${phase}`;
      if (isTerminal) {
        const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)}`;
        write(`\r\u001b[K${bar} ${facts}`);
        shown = phase;
        return;
      }
      const step = `${phase} ${Math.floor(filled / STEPS_PER_LINE)}`;
      if (step !== shown) write(`${facts}\n`);
      shown = step;
    },
    end: () => {
      if (isTerminal && shown !== '') write('\n');
    },
  };
}
