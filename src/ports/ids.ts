/** Names and chance. Only adapters may ask the machine for them, so that tests can choose them. */
export interface Ids {
  /** A new UUIDv7 (RFC 9562), lower case: sorts by time of birth. */
  uuid(): string;
  /** The UUIDv5 of a name in StreamForge's namespace: equal names, equal ids, on every machine. */
  uuidOf(name: string): string;
  /** Random lower-case hexadecimal, two characters a byte; never all zeros. */
  hex(bytes: number): string;
  /** A number in [0, 1). */
  random(): number;
}
