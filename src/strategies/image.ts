import { METADATA_VERSION } from '#domain/metadata.ts';
import type { ImageReader } from '#ports/image-reader.ts';
import type { Analysis, Strategy, StrategyInput } from '#ports/strategy.ts';
import type { TypeSniffer } from '#ports/type-sniffer.ts';
import { agreeOnContainer, agreeOnMagic } from './witnesses.ts';

/** Grows with what is found out, so that old results can be told from new ones. */
const VERSION = 2;

/** Who reads images. */
export interface ImageReaders {
  readonly sniffer: TypeSniffer;
  readonly images: ImageReader;
  /** The name of who `images` is, for the record. */
  readonly engine: string;
}

/** Reads still pictures, all of every one, so that a truncated one is found. */
export class ImageStrategy implements Strategy {
  readonly kind = 'image';
  readonly #readers: ImageReaders;

  constructor(readers: ImageReaders) {
    this.#readers = readers;
  }

  async analyse({ mediaType, source }: StrategyInput, signal: AbortSignal): Promise<Analysis> {
    const { sniffer, images, engine } = this.#readers;
    agreeOnMagic(mediaType, await sniffer.sniff(source, signal));
    const image = await images.read(source, signal);
    const container = agreeOnContainer(mediaType, image.format);
    return {
      engine,
      metadata: {
        kind: this.kind,
        metadataVersion: METADATA_VERSION,
        container,
        mimeType: mediaType.type,
        size: source.size,
        image,
        strategy: this.kind,
        strategyVersion: VERSION,
      },
      derivatives: [],
    };
  }
}
