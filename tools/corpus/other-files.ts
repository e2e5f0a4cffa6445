import { A, AAC, type CorpusFile, cut, file, V } from './corpus-file.ts';

const SOUNDS = [
  file('tone.mp3', A, '-c:a libmp3lame -b:a 64k'),
  file('vbr.mp3', A, '-c:a libmp3lame -q:a 6'),
  file('bare.mp3', A, '-c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0'),
  file('mono-22k.mp3', A, '-c:a libmp3lame -b:a 32k -ar 22050'),
  file('tone.m4a', A, AAC),
  file('alac.m4a', A, '-c:a alac'),
  file('tone.aac', A, AAC),
  file('tone.wav', A, '-c:a pcm_s16le'),
  file('float.wav', A, '-c:a pcm_f32le'),
  file('law.wav', A, '-c:a pcm_mulaw -ar 8000'),
  file('adpcm.wav', A, '-c:a adpcm_ms'),
  file('surround.wav', A, '-c:a pcm_s24le -ac 6'),
  file('tone.flac', A, '-c:a flac'),
  file('deep.flac', A, '-c:a flac -sample_fmt s32 -ar 96000'),
  file('tone.opus', A, '-c:a libopus -b:a 32k'),
  file('tone.ogg', A, '-c:a libvorbis'),
  file('flac.ogg', A, '-c:a flac'),
  file('tone.weba', A, '-c:a libopus -b:a 32k'),
  file('tone.mka', A, AAC),
  file('surround.m4a', A, '-c:a aac -b:a 128k -ac 6'),
  file('surround.ogg', A, '-c:a libvorbis -ac 6'),
  file('surround.opus', A, '-c:a libopus -b:a 96k -ac 6 -mapping_family 1'),
  file('eight.m4a', A, '-c:a aac -b:a 128k -ac 8'),
  file('surround.flac', A, '-c:a flac -ac 6'),
  file('surround.mka', A, '-c:a flac -ac 6'),
  file('surround-alac.m4a', A, '-c:a alac -ac 6'),
  file('alac-96k.m4a', A, '-c:a alac -ar 96000'),
  file('large.wav', A, '-c:a pcm_s16le -rf64 always'),
  file('broadcast.wav', A, '-c:a pcm_s16le -write_bext 1 -metadata description=On.air'),
  file('float-64.wav', A, '-c:a pcm_f64le'),
  file('u8.wav', A, '-c:a pcm_u8 -metadata title=Song -metadata artist=Singer'),
  file('id3v1.mp3', A, '-c:a libmp3lame -b:a 64k -write_id3v1 1 -metadata title=Song'),
  {
    ...file(
      'cover.mp3',
      '-i tone.mp3 -i still.png -map 0 -map 1 -c:a copy -c:v mjpeg -disposition:v attached_pic -id3v2_version 3 -metadata title=Song -metadata artist=Singer',
    ),
    from: ['tone.mp3', 'still.png'],
  },
  {
    ...file(
      'cover.m4a',
      '-i tone.m4a -i still.png -map 0 -map 1 -c:a copy -c:v png -disposition:v attached_pic -metadata title=Song',
    ),
    from: ['tone.m4a', 'still.png'],
  },
  {
    ...file(
      'cover.flac',
      '-i tone.flac -i still.png -map 0 -map 1 -c:a copy -c:v png -disposition:v attached_pic',
    ),
    from: ['tone.flac', 'still.png'],
  },
  {
    ...file(
      'cover.mp4',
      '-i h264.mp4 -i still.png -map 0 -map 1 -c copy -c:v:1 png -disposition:v:1 attached_pic',
    ),
    from: ['h264.mp4', 'still.png'],
  },
  {
    ...file(
      'cover.mkv',
      '-i h264.mp4 -c copy -attach still.png -metadata:s:t mimetype=image/png -metadata:s:t filename=cover.png',
    ),
    from: ['h264.mp4', 'still.png'],
  },
];

const IMAGES = [
  file('still.png', V, '-frames:v 1'),
  file('grey.png', V, '-frames:v 1 -pix_fmt gray'),
  file('alpha.png', V, '-frames:v 1 -pix_fmt rgba'),
  file('deep.png', V, '-frames:v 1 -pix_fmt rgb48be'),
  file('still.jpg', V, '-frames:v 1 -pix_fmt yuvj420p -q:v 8'),
  file('still.webp', V, '-frames:v 1 -c:v libwebp'),
  file('still.gif', V, '-frames:v 1'),
  file('moving.gif', V, '-r 5'),
  file('moving.png', V, '-r 5 -f apng'),
  file('still.avif', V, '-frames:v 1 -c:v libaom-av1 -still-picture 1 -cpu-used 8'),
];

const UNREAD = [
  { ...file('tone.aiff', A), fails: 'UNSUPPORTED_CONTAINER' },
  { ...file('tone.caf', A), fails: 'UNSUPPORTED_CONTAINER' },
];

const BROKEN = [
  cut('cut.mp4', 'h264.mp4', 60, 'CORRUPT_MEDIA'),
  cut('cut-faststart.mp4', 'h264-faststart.mp4', 70, 'CORRUPT_MEDIA'),
  cut('cut-fragmented.mp4', 'h264-many-fragments.mp4', 50, 'CORRUPT_MEDIA'),
  cut('cut.mov', 'h264.mov', 50, 'CORRUPT_MEDIA'),
  cut('cut.mkv', 'h264.mkv', 60, 'CORRUPT_MEDIA'),
  cut('cut.wav', 'tone.wav', 50, 'CORRUPT_MEDIA'),
  cut('cut.flac', 'tone.flac', 50, 'CORRUPT_MEDIA'),
  cut('cut.avi', 'mpeg4-mp3.avi', 50, 'CORRUPT_MEDIA'),
  cut('cut.jpg', 'still.jpg', 60, 'CORRUPT_MEDIA'),
  cut('cut.png', 'still.png', 60, 'CORRUPT_MEDIA'),
];

/** Sound, still pictures, files that nobody here reads, and files that end too early. */
export const OTHER_FILES: readonly CorpusFile[] = [...SOUNDS, ...IMAGES, ...UNREAD, ...BROKEN];
