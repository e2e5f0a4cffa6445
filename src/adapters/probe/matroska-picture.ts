import { type Element, elements, unsigned } from './ebml.ts';
import type { Ratio } from './track-truth.ts';

const WIDTH = 0xb0;
const HEIGHT = 0xba;
const CROPS_ACROSS = [0x54cc, 0x54dd];
const CROPS_DOWN = [0x54aa, 0x54bb];
const DISPLAY_WIDTH = 0x54b0;
const DISPLAY_HEIGHT = 0x54ba;
const DISPLAY_UNIT = 0x54b2;

/** The unit of display sizes that mean nothing. */
const UNKNOWN_UNIT = 4;

/** The part of the coded picture that is shown, and the shape of its pixels. */
export interface CroppedPicture {
  readonly cropped: { readonly width: number; readonly height: number };
  readonly pixelAspect: Ratio;
}

/**
 * What the video element of a track says of cropping; null where it cuts off nothing, or everything. The display size is that
 * of what is left: without it, pixels are square. Source: RFC 9559, section 11.1.
 */
export function croppedPicture(view: DataView, video: Element | null): CroppedPicture | null {
  const all = [...elements(view, video)].map((each) => [each.id, unsigned(view, each)] as const);
  const fields = new Map(all);
  const sum = (ids: readonly number[]) => ids.reduce((so, id) => so + (fields.get(id) ?? 0), 0);
  const across = sum(CROPS_ACROSS);
  const down = sum(CROPS_DOWN);
  const width = (fields.get(WIDTH) ?? 0) - across;
  const height = (fields.get(HEIGHT) ?? 0) - down;
  if (across + down === 0 || width <= 0 || height <= 0) return null;
  const shownWidth = fields.get(DISPLAY_WIDTH) ?? 0;
  const shownHeight = fields.get(DISPLAY_HEIGHT) ?? 0;
  const tells = shownWidth > 0 && shownHeight > 0 && fields.get(DISPLAY_UNIT) !== UNKNOWN_UNIT;
  return {
    cropped: { width, height },
    pixelAspect: tells ? [shownWidth * height, shownHeight * width] : [1, 1],
  };
}
