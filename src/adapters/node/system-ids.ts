import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import type { Ids } from '#ports/ids.ts';
import { uuidV5 } from './uuid-v5.ts';

/** Chosen once, at random. Stored ids are made with it: it never changes. */
const NAMESPACE = '86ad9104-8b0f-47e9-a98d-b009ee5a7f10';

/** The machine's chance. */
export class SystemIds implements Ids {
  uuid(): string {
    return uuidv7();
  }

  uuidOf(name: string): string {
    return uuidV5(NAMESPACE, name);
  }

  /** All zeros mean "no id" in a trace context, so they are drawn again. */
  hex(bytes: number): string {
    const drawn = randomBytes(bytes);
    return drawn.some((byte) => byte !== 0) || bytes === 0
      ? drawn.toString('hex')
      : this.hex(bytes);
  }

  random(): number {
    return Math.random();
  }
}
