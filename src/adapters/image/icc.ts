/** Behind the header of a profile. */
const TAG_COUNT_AT = 128;
const TAG_BYTES = 12;

/** A profile has some twenty. */
const TAGS_MAX = 100;

/** Longer than any name that means something. */
const NAME_CHARS_MAX = 200;

/**
 * Colour spaces by how profiles describe themselves; the short ones are those of profiles that were made to be small:
 * github.com/saucecontrol/Compact-ICC-Profiles, and Facebook's.
 */
const SPACES: readonly (readonly [RegExp, string])[] = [
  [/^(sRGB|uRGB$|nRGB$|cRGB$|c2$)/, 'srgb'],
  [/^(image )?Display P3|^[su]P3C$/i, 'display-p3'],
  [/^Adobe RGB|^A98C$/i, 'adobe-rgb'],
  [/ProPhoto|^ROMM/i, 'prophoto-rgb'],
  [/^(ITU-R )?(Rec\.?|BT\.?) ?2020|^Rec\. ITU-R BT\.2020/i, 'rec2020'],
];

/** The colour space that an ICC profile says it is of; null where its description is none that is known here. */
export function spaceOfProfile(profile: Uint8Array): string | null {
  const name = description(profile);
  return SPACES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** Its tag `desc`: of one language in version 2, of several in version 4. Source: ICC.1:2001-04 and ICC.1:2010. */
function description(profile: Uint8Array): string {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  const at = tagAt(view, profile);
  if (at === null || at + 28 > profile.length) return '';
  const type = latin(profile, at, 4);
  if (type === 'desc') return latin(profile, at + 12, view.getUint32(at + 8)).replace(/\0.*/s, '');
  if (type !== 'mluc') return '';
  const from = at + view.getUint32(at + 24);
  const chars = Math.min(NAME_CHARS_MAX, view.getUint32(at + 20) / 2);
  const wide = profile.subarray(from, from + chars * 2);
  return new TextDecoder('utf-16be').decode(wide).replace(/\0.*/s, '');
}

function tagAt(view: DataView, profile: Uint8Array): number | null {
  const count = profile.length < TAG_COUNT_AT + 4 ? 0 : view.getUint32(TAG_COUNT_AT);
  for (let tag = 0; tag < Math.min(count, TAGS_MAX); tag += 1) {
    const at = TAG_COUNT_AT + 4 + tag * TAG_BYTES;
    if (at + TAG_BYTES > profile.length) return null;
    if (latin(profile, at, 4) === 'desc') return view.getUint32(at + 4);
  }
  return null;
}

function latin(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + Math.min(length, NAME_CHARS_MAX)));
}
