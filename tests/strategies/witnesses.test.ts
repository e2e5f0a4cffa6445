import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES, mediaTypeOf } from '#domain/media-types.ts';
import { agreeOnContainer, agreeOnMagic } from '#strategies/witnesses.ts';

const MP4 = mediaTypeOf('video/mp4') ?? MEDIA_TYPES[0];

describe.runIf(MP4)('three witnesses', () => {
  const mp4 = MP4 as NonNullable<typeof MP4>;

  it.each(MEDIA_TYPES.flatMap((type) => type.containers.map((c) => [type.type, c, type] as const)))(
    'agree on %s in %s',
    (_, container, type) => {
      expect(agreeOnMagic(type, container)).toBe(container);
      expect(agreeOnContainer(type, container)).toBe(container);
    },
  );

  it('disagree where the file begins as something else', () => {
    expect(() => agreeOnMagic(mp4, 'jpeg')).toThrow(
      expect.objectContaining({
        code: 'TYPE_MISMATCH',
        kind: 'permanent',
        message: "declared as video/mp4, the file begins as 'jpeg'",
      }),
    );
  });

  it('disagree where the file is something else', () => {
    expect(() => agreeOnContainer(mp4, 'matroska')).toThrow(
      expect.objectContaining({ code: 'TYPE_MISMATCH', kind: 'permanent' }),
    );
  });

  it('say nothing of bytes that nobody knows', () => {
    expect(() => agreeOnMagic(mp4, null)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_CONTAINER', kind: 'permanent' }),
    );
  });
});
