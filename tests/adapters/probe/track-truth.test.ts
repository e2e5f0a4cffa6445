import { describe, expect, it } from 'vitest';
import {
  displaySize,
  known,
  knownLanguage,
  lowestTerms,
  quarterTurns,
  simplestRatio,
} from '#adapters/probe/track-truth.ts';

describe('displaySize', () => {
  it.each([
    ['square pixels', 1920, 1080, null, 0, 1920, 1080],
    ['a portrait from a telephone', 1920, 1080, null, 90, 1080, 1920],
    ['PAL, 16:9', 720, 576, [64, 45], 0, 1024, 576],
    ['NTSC, 4:3', 720, 480, [8, 9], 0, 640, 480],
    ['anamorphic and turned', 720, 576, [16, 15], 270, 576, 768],
    ['upside down', 640, 360, [1, 1], 180, 640, 360],
  ] as const)('of %s', (_, width, height, aspect, rotation, displayWidth, displayHeight) => {
    expect(displaySize({ width, height }, aspect, rotation)).toEqual({
      displayWidth,
      displayHeight,
    });
  });
});

describe('what a file says of itself', () => {
  it('becomes a ratio again after it was rounded to three decimals', () => {
    expect([1, 1.067, 1.422, 0.909, 1.185].map(simplestRatio)).toEqual([
      [1, 1],
      [16, 15],
      [64, 45],
      [10, 11],
      [32, 27],
    ]);
    expect([0, null, -1].map(simplestRatio)).toEqual([null, null, null]);
  });

  it('names a language in one way, where there are two codes', () => {
    expect(['fre', 'fra', 'ger', 'eng', 'und', 'x'].map(knownLanguage)).toEqual([
      ...['fra', 'fra', 'deu', 'eng', null, null],
    ]);
  });

  it('becomes a ratio in lowest terms, or none', () => {
    expect(lowestTerms([64, 60])).toEqual([16, 15]);
    expect([lowestTerms([0, 1]), lowestTerms([1, Number.NaN])]).toEqual([null, null]);
  });

  it('becomes a quarter turn', () => {
    expect([-90, 0, 450, 180, 44, Number.NaN].map(quarterTurns)).toEqual([270, 0, 90, 180, 0, 0]);
  });

  it('becomes a positive number, or none', () => {
    expect([1.23456, 0, -1, Number.NaN, null, undefined].map((n) => known(n, 2))).toEqual([
      1.23,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it('becomes a language, or none', () => {
    expect(['deu', 'und', '', 'de-DE', null].map(knownLanguage)).toEqual([
      'deu',
      null,
      null,
      null,
      null,
    ]);
  });
});
