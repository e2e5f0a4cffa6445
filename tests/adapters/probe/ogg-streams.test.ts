import { describe, expect, it } from 'vitest';
import { MediabunnyProbe } from '#adapters/probe/mediabunny-probe.ts';
import { countOggStreams } from '#adapters/probe/ogg-streams.ts';
import { FileSource, mediaBytes, mediaFile } from '../../support/file-source.ts';
import { concat } from '../../support/iso-file.ts';

const signal = new AbortController().signal;

/** The first page of an Ogg file, whose header is 28 bytes and says in the last of them how long its content is. */
const firstPage = (bytes: Uint8Array): Uint8Array => bytes.slice(0, 28 + (bytes[27] ?? 0));

const theora = firstPage(mediaBytes('theora.ogv'));
const opus = mediaBytes('tone.opus');
const beside = new FileSource(concat(theora, opus));

describe('countOggStreams', () => {
  it('counts all streams, whoever knows their codecs', async () => {
    expect(await countOggStreams(mediaFile('tone.opus'), signal)).toBe(1);
    expect(await countOggStreams(beside, signal)).toBe(2);
  });

  it('does not count a stream that describes the others', async () => {
    const skeleton = theora.slice();
    skeleton.set(Buffer.from('fishead\0'), 28);
    expect(await countOggStreams(new FileSource(concat(skeleton, opus)), signal)).toBe(1);
  });

  it('ends where a page does', async () => {
    expect(await countOggStreams(new FileSource(theora.slice(0, 20)), signal)).toBe(0);
    expect(await countOggStreams(mediaFile('tone.wav'), signal)).toBe(0);
  });

  it('keeps mediabunny from leaving out pictures beside sound that it knows', async () => {
    await expect(new MediabunnyProbe().probe(beside, 'ogg', signal)).rejects.toMatchObject({
      code: 'UNSUPPORTED_CONTAINER',
    });
  });
});
