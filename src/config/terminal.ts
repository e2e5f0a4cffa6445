/**
 * Whether standard output is a terminal whose user wants it to look like one.
 *
 * Source: https://no-color.org
 */
export function isFancyTerminal(): boolean {
  return process.stdout.isTTY === true && !process.env['NO_COLOR'];
}
