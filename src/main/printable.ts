/** The text without anything that could move a terminal's cursor or turn its words around. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ');
}
