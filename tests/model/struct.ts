/** Named bytes: reading and writing a field reads and writes one byte of the state. */
export type Struct<Field extends string> = Record<Field, number> & { reset(): void };

/** Where a struct of these fields lies: `structOf(fields)(bytes, base)`. */
export function structOf<const Field extends string>(
  fields: readonly Field[],
): (bytes: Uint8Array, base: number) => Struct<Field> {
  class View {
    readonly bytes: Uint8Array;
    readonly base: number;
    constructor(bytes: Uint8Array, base: number) {
      this.bytes = bytes;
      this.base = base;
    }
    reset(): void {
      this.bytes.fill(0, this.base, this.base + fields.length);
    }
  }
  // On the prototype, so that the engine sees one shape: a few million states a minute are read through these.
  fields.forEach((field, offset) => {
    Object.defineProperty(View.prototype, field, {
      get(this: View) {
        return this.bytes[this.base + offset];
      },
      set(this: View, value: number) {
        this.bytes[this.base + offset] = value;
      },
    });
  });
  return (bytes, base) => new View(bytes, base) as View & Record<Field, number>;
}

/** Brings blocks of equal length into order: two processes that have changed places are the same state. */
export function sortBlocks(bytes: Uint8Array, base: number, length: number, count: number): void {
  for (let i = 1; i < count; i++) {
    for (let at = base + (i - 1) * length; at >= base && isAfter(bytes, at, length); at -= length) {
      for (let k = at; k < at + length; k++) {
        const byte = bytes[k] as number;
        bytes[k] = bytes[k + length] as number;
        bytes[k + length] = byte;
      }
    }
  }
}

function isAfter(bytes: Uint8Array, at: number, length: number): boolean {
  for (let k = at; k < at + length; k++) {
    const difference = (bytes[k] as number) - (bytes[k + length] as number);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
