import { describe, expect, it } from 'vitest';
import { FileTypeSniffer } from '#adapters/probe/file-type-sniffer.ts';
import { FileSource, mediaFile } from '../../support/file-source.ts';

const signal = new AbortController().signal;
const sniffer = new FileTypeSniffer();

describe('FileTypeSniffer', () => {
  it.each([
    ['clip.mp4', 'mp4'],
    ['clip.webm', 'webm'],
    ['tone.mp3', 'mp3'],
    ['portrait.jpg', 'jpeg'],
    ['rotated.mp4', 'mp4'],
    ['fragmented.mp4', 'mp4'],
    ['h264.mov', 'mov'],
    ['h264.mkv', 'matroska'],
    ['h264.mpegts', 'mpegts'],
    ['h264.flv', 'flv'],
    ['mpeg4.avi', 'avi'],
    ['theora.ogv', 'ogg'],
    ['tone.opus', 'ogg'],
    ['tone.wav', 'wav'],
    ['tone.flac', 'flac'],
    ['tone.aac', 'adts'],
    ['tone.m4a', 'mp4'],
    ['vbr-no-header.mp3', 'mp3'],
    ['cover.mp3', 'mp3'],
    ['alpha.png', 'png'],
    ['picture.webp', 'webp'],
    ['picture.gif', 'gif'],
    ['picture.avif', 'avif'],
  ])('knows %s as %s, from one small read', async (name, container) => {
    const source = mediaFile(name);
    expect(await sniffer.sniff(source, signal)).toBe(container);
    expect(source.cost.requests).toBe(1);
    expect(source.cost.bytes).toBeLessThanOrEqual(4100);
  });

  it.each([
    ['a text', Buffer.from('This is a text.\n')],
    ['a playlist', Buffer.from('#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n')],
    [
      'a manifest',
      Buffer.from('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>'),
    ],
    ['a PDF', Buffer.from('%PDF-1.7\n')],
    ['a TIFF', mediaFile('picture.tiff')],
    ['zeros', new Uint8Array(10_000)],
    ['one byte', new Uint8Array(1)],
    ['nothing', new Uint8Array()],
  ])('does not know %s', async (_, bytes) => {
    const source = bytes instanceof FileSource ? bytes : new FileSource(new Uint8Array(bytes));
    expect(await sniffer.sniff(source, signal)).toBeNull();
  });

  it('passes on what is wrong with the source', async () => {
    const reason = new Error('gone');
    await expect(sniffer.sniff(mediaFile('clip.mp4'), AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
  });
});
