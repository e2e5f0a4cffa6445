/** Tags that are kept; the names are ours. */
const TAGS = [
  'title',
  'artist',
  'album',
  'albumArtist',
  'genre',
  'date',
  'comment',
  'description',
  'composer',
  'copyright',
  'trackNumber',
  'discNumber',
] as const;

/** A name of {@link TAGS}. */
export type TagName = (typeof TAGS)[number];

/** Enough for any title; a comment is cut. */
const TAG_CHARS_MAX = 500;

/** `\p{C}`: control, format, surrogate, private use and unassigned characters; emoji joiners are kept. */
const HIDDEN = /(?!\u200d)\p{C}+/gu;

/** The tags that say something, as plain text: no control characters, no more than a screenful. */
export function cleanTags(
  raw: Readonly<Partial<Record<TagName, string | number | null | undefined>>>,
): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (const name of TAGS) {
    const text = cleanText(String(raw[name] ?? ''));
    if (text !== '') tags[name] = text;
  }
  return tags;
}

function cleanText(text: string): string {
  // What is cut off first is several times what is kept, so that cleaning costs little whatever comes.
  const plain = text.slice(0, TAG_CHARS_MAX * 4).replace(HIDDEN, ' ');
  return [...plain.replace(/\s+/gu, ' ').trim()].slice(0, TAG_CHARS_MAX).join('');
}
