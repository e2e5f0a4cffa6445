/** Peaks of a signal, as many as are wanted to within a factor of two, however long it is. */
export interface Peaks {
  readonly samplesPerPixel: number;
  /** Minimum and maximum of each pixel in turn, -128 to 127. */
  readonly data: readonly number[];
}

const SAMPLE_BYTES = 2;

/**
 * Gathers peaks of 16-bit samples as they come. Its length is not known beforehand: when there are too many pixels, each
 * two become one.
 */
export class PeakGatherer {
  readonly #pixelsMax: number;
  #samplesPerPixel: number;
  #data: number[] = [];
  #low = 0;
  #high = 0;
  #count = 0;
  /** Half a sample, where a chunk ended within one. */
  #rest: Buffer = Buffer.alloc(0);

  /** @param samplesPerPixel Of the finest resolution. */
  constructor(pixelsMax: number, samplesPerPixel: number) {
    this.#pixelsMax = pixelsMax;
    this.#samplesPerPixel = samplesPerPixel;
  }

  /** Little-endian samples. */
  add(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.length - (bytes.length % SAMPLE_BYTES);
    for (let at = 0; at < end; at += SAMPLE_BYTES) this.#addSample(bytes.readInt16LE(at));
    this.#rest = bytes.subarray(end);
  }

  peaks(): Peaks {
    const last = this.#count === 0 ? [] : [toByte(this.#low), toByte(this.#high)];
    return { samplesPerPixel: this.#samplesPerPixel, data: [...this.#data, ...last] };
  }

  #addSample(sample: number): void {
    this.#low = this.#count === 0 ? sample : Math.min(this.#low, sample);
    this.#high = this.#count === 0 ? sample : Math.max(this.#high, sample);
    this.#count += 1;
    if (this.#count < this.#samplesPerPixel) return;
    this.#data.push(toByte(this.#low), toByte(this.#high));
    this.#count = 0;
    if (this.#data.length / 2 >= this.#pixelsMax) this.#halve();
  }

  #halve(): void {
    const halved: number[] = [];
    for (let at = 0; at < this.#data.length; at += 4) {
      const [low = 0, high = 0, nextLow = low, nextHigh = high] = this.#data.slice(at, at + 4);
      halved.push(Math.min(low, nextLow), Math.max(high, nextHigh));
    }
    this.#data = halved;
    this.#samplesPerPixel *= 2;
  }
}

function toByte(sample: number): number {
  return Math.floor(sample / 256);
}
