import type { ProbeReport } from '#ports/media-probe.ts';
import { corrupt } from './media-fault.ts';
import { cleanTags } from './tags.ts';

/** What MediaInfo says of one track, of the file, or of a menu: text, whatever it means. */
export class MediainfoFields {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(fields: unknown) {
    this.#fields = new Map(Object.entries(isObject(fields) ? fields : {}));
  }

  /** @throws ForgeError `CORRUPT_MEDIA` where the JSON is none: MediaInfo passes on what it finds in the file. */
  static all(json: string): MediainfoFields[] {
    let parsed: unknown;
    try {
      parsed = JSON.parse(json);
    } catch (cause) {
      throw corrupt('MediaInfo cannot describe the file', cause);
    }
    const media = isObject(parsed) ? parsed['media'] : null;
    const tracks = isObject(media) ? media['track'] : null;
    return Array.isArray(tracks) ? tracks.map((track) => new MediainfoFields(track)) : [];
  }

  /** The field as it is; empty where it is absent. */
  whole(name: string): string {
    const value = this.#fields.get(name);
    return typeof value === 'string' ? value : '';
  }

  /** What was told more than once is the same field with slashes: the first word counts. */
  text(name: string): string {
    return this.whole(name).split(' / ')[0] ?? '';
  }

  number(name: string): number | null {
    const text = this.text(name);
    const value = text === '' ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : null;
  }

  /** Whether MediaInfo took a field of the track from what it knows of the file. */
  guesses(name: string): boolean {
    const extra = this.#fields.get('extra');
    return isObject(extra) && String(extra[`${name}_Source`]).startsWith('General');
  }

  /** Chapters are named by their times. */
  chapters(): number {
    const extra = this.#fields.get('extra');
    return isObject(extra) ? Object.keys(extra).filter((key) => /^_\d\d_\d\d/.test(key)).length : 0;
  }

  tags(): ProbeReport['tags'] {
    return cleanTags({
      title: this.whole('Title') || this.whole('Track'),
      artist: this.whole('Performer'),
      album: this.whole('Album'),
      albumArtist: this.whole('Album_Performer'),
      genre: this.whole('Genre'),
      date: this.whole('Recorded_Date'),
      comment: this.whole('Comment'),
      description: this.whole('Description'),
      composer: this.whole('Composer'),
      copyright: this.whole('Copyright'),
      trackNumber: this.text('Track_Position'),
      discNumber: this.text('Part_Position'),
    });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
