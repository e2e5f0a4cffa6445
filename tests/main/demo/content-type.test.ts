import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES, mediaTypeOf } from '#domain/media-types.ts';
import { contentTypeOf } from '#main/demo/content-type.ts';

const EXTENSIONS = [
  ...['mp4', 'm4v', 'mov', 'webm', 'mkv', 'ts', 'mts', 'avi', 'flv', '3gp', 'ogv'],
  ...['mp3', 'm4a', 'aac', 'wav', 'flac', 'ogg', 'oga', 'opus', 'weba'],
  ...['jpg', 'jpeg', 'png', 'webp', 'gif', 'avif'],
];

describe('contentTypeOf', () => {
  it.each([
    ['clip.mp4', 'video/mp4'],
    ['CLIP.MOV', 'video/quicktime'],
    ['tone.mp3', 'audio/mpeg'],
    ['portrait.jpg', 'image/jpeg'],
    ['archive.tar.webm', 'video/webm'],
    ['a file with spaces.jpeg', 'image/jpeg'],
    ['отпуск.png', 'image/png'],
  ])('declares %s as %s', (name, type) => {
    expect(contentTypeOf(name)).toBe(type);
  });

  it.each(['README', '.mp4', 'clip.', 'clip.exe', 'clip.constructor', 'clip.__proto__', ''])(
    'declares bytes for %j, which nothing reads',
    (name) => {
      expect(contentTypeOf(name)).toBe('application/octet-stream');
      expect(mediaTypeOf(contentTypeOf(name))).toBeNull();
    },
  );

  it('declares only types that are accepted, and all of them', () => {
    const declared = EXTENSIONS.map((extension) => contentTypeOf(`x.${extension}`));
    expect(declared.filter((type) => mediaTypeOf(type)?.type !== type)).toEqual([]);
    const types = MEDIA_TYPES.map(({ type }) => type);
    expect(types.filter((type) => !declared.includes(type))).toEqual([]);
  });
});
