/** Letters between two lines, where nothing can be drawn over. */
const LINE_EVERY = 100;

/** Shows how far a long run is. */
export interface Counter {
  at(doneCount: number, text: string): void;
  /** Ends the line that was drawn over. */
  end(): void;
}

/** A line that is drawn over on a terminal; elsewhere a line per hundred. */
export function counter(write: (text: string) => void, isTerminal: boolean): Counter {
  let isOpen = false;
  return {
    at(doneCount, text) {
      if (isTerminal) write(`\r${text}`);
      else if (doneCount % LINE_EVERY === 0) write(`${text}\n`);
      isOpen = isTerminal;
    },
    end() {
      if (isOpen) write('\n');
      isOpen = false;
    },
  };
}
