import { afterEach, describe, expect, it, vi } from 'vitest';
import { isFancyTerminal } from '#config/terminal.ts';

const { isTTY } = process.stdout;

/** Output of this kind, to a user with this wish. */
function given(terminal: boolean, noColor: string | undefined): void {
  process.stdout.isTTY = terminal;
  vi.stubEnv('NO_COLOR', noColor);
}

describe('a fancy terminal', () => {
  afterEach(() => {
    process.stdout.isTTY = isTTY;
    vi.unstubAllEnvs();
  });

  it.each([
    ['is a terminal whose user says nothing', true, undefined, true],
    ['is a terminal whose NO_COLOR is empty', true, '', true],
    ['is none where NO_COLOR is set, to whatever', true, '0', false],
    ['is no pipe', false, undefined, false],
  ])('%s', (_, terminal, noColor, isFancy) => {
    given(terminal, noColor);
    expect(isFancyTerminal()).toBe(isFancy);
  });
});
