import { fileTypeFromBuffer } from 'file-type';
import type { MediaSource } from '#ports/media-source.ts';
import type { TypeSniffer } from '#ports/type-sniffer.ts';

/** What file-type looks at; transport streams need the most of it. */
const HEAD_BYTES = 4100;

/** Our containers by the names file-type gives them. What is absent here is as good as unknown. */
const CONTAINERS: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/x-m4v': 'mp4',
  'audio/mp4': 'mp4',
  'audio/x-m4a': 'mp4',
  'video/3gpp': 'mp4',
  'video/3gpp2': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/matroska': 'matroska',
  'video/mp2t': 'mpegts',
  'video/vnd.avi': 'avi',
  'video/x-flv': 'flv',
  'video/ogg': 'ogg',
  'audio/ogg': 'ogg',
  'audio/ogg; codecs=opus': 'ogg',
  'application/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/aac': 'adts',
  'audio/wav': 'wav',
  'audio/flac': 'flac',
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/apng': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
};

/** Magic bytes by file-type, from one small read. */
export class FileTypeSniffer implements TypeSniffer {
  async sniff(source: MediaSource, signal: AbortSignal): Promise<string | null> {
    const head = await source.read(0, HEAD_BYTES, signal);
    if (isLargeWav(head)) return 'wav';
    const found = await fileTypeFromBuffer(head).catch(() => undefined);
    return found ? (CONTAINERS[found.mime] ?? null) : null;
  }
}

/** WAV with sizes of 64 bits (EBU Tech 3306), which file-type does not know. */
function isLargeWav(head: Uint8Array): boolean {
  return /^RF64.{4}WAVE/s.test(String.fromCharCode(...head.subarray(0, 12)));
}
