import { printable } from '#main/printable.ts';
import { bytesText } from '#main/table.ts';

const BAR_CELLS = 30;

/** Shows how far uploads are. */
export interface Progress {
  sent(file: string, bytes: number, size: number): void;
}

/** A bar per file on a terminal; elsewhere one plain line when a file is out. */
export function progress(write: (text: string) => void, isTerminal: boolean): Progress {
  return {
    sent(file, bytes, size) {
      const done = bytes >= size;
      const [name, total] = [printable(file), bytesText(size)];
      if (isTerminal) {
        const filled = Math.round((BAR_CELLS * bytes) / size);
        const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)}`;
        const percent = `${Math.floor((100 * bytes) / size)} %`.padStart(5);
        write(`\r${bar} ${percent}  ${name}  ${total}${done ? '\n' : ''}`);
      } else if (done) {
        write(`sent ${name}, ${total}\n`);
      }
    },
  };
}
