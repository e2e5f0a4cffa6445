#!/usr/bin/env bash
# Makes samples/ (what the demo uploads) and tests/fixtures/media/ (what the tests read, and what ffprobe says of it). Both
# are committed: run this only to change them, then bring the expected values in the tests up to date. Needs ffmpeg 5 with
# the usual encoders, and `npm ci` for sharp. The same ffmpeg (5.1.9 so far) makes the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
SAMPLES=samples
MEDIA=tests/fixtures/media
mkdir -p "$SAMPLES" "$MEDIA"

ff() { ffmpeg -v error -nostdin -y "$@"; }
# Nothing of the encoder's version, time or threads in the output.
EXACT=(-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -threads 1 -map_metadata:g -1)
H264=(-c:v libx264 -preset veryslow -crf 34 -pix_fmt yuv420p -x264-params threads=1)
AAC=(-c:a aac -b:a 48k)

picture() { printf 'testsrc2=duration=%s:size=%s:rate=%s' "$1" "$2" "$3"; }
tone() { printf 'sine=frequency=%s:duration=%s:sample_rate=48000' "$1" "$2"; }

# --- samples: what people upload -------------------------------------------------------------------------------------
ff -f lavfi -i "$(picture 4 480x270 30)" -f lavfi -i "$(tone 440 4)" -map 0 -map 1 "${H264[@]}" "${AAC[@]}" -ac 2 \
  "${EXACT[@]}" -metadata title='Index at the end' -metadata:s:a:0 language=deu "$SAMPLES/clip.mp4"
ff -f lavfi -i "$(picture 4 480x270 25)" -f lavfi -i "$(tone 660 4)" -map 0 -map 1 \
  -c:v libvpx-vp9 -crf 48 -b:v 0 -deadline good -cpu-used 2 -row-mt 0 -c:a libopus -b:a 32k "${EXACT[@]}" "$SAMPLES/clip.webm"
ff -f lavfi -i "$(tone 523 6)" -c:a libmp3lame -b:a 64k "${EXACT[@]}" -id3v2_version 3 \
  -metadata title='Six seconds of C' -metadata artist='The Oscillators' -metadata album='Test Tones' \
  -metadata date=2024 -metadata genre=Electronic -metadata track=3/9 "$SAMPLES/tone.mp3"
ff -f lavfi -i "$(picture 1 640x480 1)" -frames:v 1 "${EXACT[@]}" "$MEDIA/picture.png"
node --input-type=module -e "
  import sharp from 'sharp';
  await sharp('$MEDIA/picture.png').jpeg({ quality: 70 }).withMetadata({ orientation: 6 }).toFile('$SAMPLES/portrait.jpg');
"

# --- fixtures: one file per thing that can be got wrong ----------------------------------------------------------------
V=(-f lavfi -i "$(picture 1 96x64 25)")
A=(-f lavfi -i "$(tone 440 1)")
ff "${V[@]}" "${A[@]}" -map 0 -map 1 "${H264[@]}" "${AAC[@]}" "${EXACT[@]}" -movflags +faststart "$MEDIA/faststart.mp4"
copy() { ff -i "$MEDIA/faststart.mp4" -c copy "${EXACT[@]}" "$@"; }
copy -metadata:s:v:0 rotate=270 "$MEDIA/rotated.mp4"
copy -movflags frag_keyframe+empty_moov+default_base_moof "$MEDIA/fragmented.mp4"
copy -metadata title='Ein Titel' -metadata:s:a:0 language=fra "$MEDIA/h264.mkv"
copy "$MEDIA/h264.mov"
copy -f mpegts "$MEDIA/h264.mpegts" # not .ts, which compilers take for theirs
copy "$MEDIA/h264.flv"
copy -map 0:a -f ipod "$MEDIA/tone.m4a"
ff "${V[@]}" "${H264[@]}" "${EXACT[@]}" -vf setsar=16/15 "$MEDIA/anamorphic.mp4"
ff "${V[@]}" "${A[@]}" -map 0 -map 1 -c:v mpeg4 -q:v 12 -c:a libmp3lame -b:a 32k "${EXACT[@]}" "$MEDIA/mpeg4.avi"
ff "${V[@]}" "${A[@]}" -map 0 -map 1 -c:v mpeg2video -q:v 12 -c:a ac3 -b:a 64k "${EXACT[@]}" -f mpegts "$MEDIA/mpeg2.mpegts"
ff "${V[@]}" -c:v libtheora -q:v 2 "${EXACT[@]}" "$MEDIA/theora.ogv"
ff -f lavfi -i "$(tone 440 1)" -ar 16000 "${EXACT[@]}" "$MEDIA/tone.wav"
ff "${A[@]}" -c:a flac "${EXACT[@]}" "$MEDIA/tone.flac"
ff "${A[@]}" -c:a libopus -b:a 32k "${EXACT[@]}" "$MEDIA/tone.opus"
ff "${A[@]}" "${AAC[@]}" "${EXACT[@]}" -f adts "$MEDIA/tone.aac"
# Quiet, then loud: a bit rate that the first frame knows nothing of.
ff -f lavfi -i "$(tone 200 3)" -f lavfi -i anoisesrc=duration=3:sample_rate=48000:seed=1 -filter_complex '[0][1]concat=n=2:v=0:a=1' \
  -c:a libmp3lame -q:a 6 -write_xing 0 "${EXACT[@]}" "$MEDIA/vbr-no-header.mp3"
ff -i "$SAMPLES/tone.mp3" -i "$MEDIA/picture.png" -map 0 -map 1 -c:a copy -c:v mjpeg -q:v 20 -disposition:v attached_pic \
  "${EXACT[@]}" -id3v2_version 3 "$MEDIA/cover.mp3"
node --input-type=module -e "
  import sharp from 'sharp';
  const picture = sharp('$MEDIA/picture.png').resize(96, 64);
  const see = picture.clone().ensureAlpha(0.5);
  await see.clone().png().toFile('$MEDIA/alpha.png');
  await picture.clone().webp({ quality: 50 }).toFile('$MEDIA/picture.webp');
  await picture.clone().gif().toFile('$MEDIA/picture.gif');
  await picture.clone().avif({ quality: 40 }).toFile('$MEDIA/picture.avif');
  await picture.clone().tiff().toFile('$MEDIA/picture.tiff');
"
rm "$MEDIA/picture.png"

# --- what ffprobe says of each: a line per file, as it comes --------------------------------------------------------------
ASKED=format=format_name,duration:stream=codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate
ASKED+=,nb_frames,bit_rate,duration,channels,sample_rate
ASKED+=:stream_tags=language:stream_disposition=attached_pic:stream_side_data=rotation
truth() {
  printf '{ "file": "%s", "ffprobe": ' "$(basename "$1")"
  ffprobe -v error -show_entries "$ASKED" -of json=c=1 "$1" | tr -s ' \n' ' '
  printf '}\n'
}
for file in "$SAMPLES"/{clip.mp4,clip.webm,tone.mp3} "$MEDIA"/{faststart,rotated,anamorphic,fragmented}.mp4 \
  "$MEDIA"/{h264,mpeg2,mpeg4,theora,tone,vbr-no-header,cover}.*; do
  truth "$file"
done > "$MEDIA/ffprobe.jsonl"

# --- broken ones ----------------------------------------------------------------------------------------------------------
cut() { head -c "$(($(stat -c %s "$1") * $2 / 100))" "$1" > "$3"; }
cut "$MEDIA/faststart.mp4" 70 "$MEDIA/truncated-faststart.mp4"
cut "$SAMPLES/clip.mp4" 40 "$MEDIA/no-index.mp4"
cut "$SAMPLES/portrait.jpg" 60 "$MEDIA/truncated.jpg"
printf 'This is a text, whatever its name says.\n' > "$MEDIA/text.mp4"
du -cb "$SAMPLES"/* "$MEDIA"/* | tail -1
