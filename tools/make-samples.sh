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
# What mediabunny is silent on: fields, ten bits and HDR, a rate that varies, subtitles and chapters, six channels, an edit.
ff "${V[@]}" -c:v libx264 -preset veryslow -crf 34 -pix_fmt yuv420p -flags +ilme+ildct -x264-params threads=1:tff=1 \
  -vf setfield=tff "${EXACT[@]}" "$MEDIA/interlaced.mp4"
ff "${V[@]}" -c:v libx265 -preset medium -crf 40 -pix_fmt yuv420p10le -tag:v hvc1 -x265-params \
  'log-level=error:pools=none:frame-threads=1:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400' \
  "${EXACT[@]}" "$MEDIA/hdr10.mp4"
ff "${V[@]}" "${H264[@]}" -vf "select='not(eq(mod(n\,5)\,3))'" -vsync vfr "${EXACT[@]}" "$MEDIA/variable.mp4"
SUBTITLES=$(mktemp -d)
trap 'rm -r "$SUBTITLES"' EXIT
printf '1\n00:00:00,000 --> 00:00:00,400\nHallo\n\n2\n00:00:00,500 --> 00:00:00,900\nWelt\n' > "$SUBTITLES/lines.srt"
printf ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1000\ntitle=Two\n' \
  > "$SUBTITLES/chapters.txt"
subtitled() {
  ff -i "$MEDIA/faststart.mp4" -i "$SUBTITLES/lines.srt" -i "$SUBTITLES/chapters.txt" -map 0 -map 1 -map_chapters 2 -c copy \
    -c:s "$1" -metadata:s:s:0 language=deu -fflags +bitexact "$2"
}
subtitled mov_text "$MEDIA/subtitled.mp4"
subtitled srt "$MEDIA/subtitled.mkv"
ff "${A[@]}" -ac 6 "${AAC[@]}" "${EXACT[@]}" "$MEDIA/surround.m4a"
ff "${V[@]}" "${H264[@]}" "${EXACT[@]}" -vf setsar=16/15 "$MEDIA/anamorphic.mp4"
ff -itsoffset 2 -i "$MEDIA/anamorphic.mp4" -i "$MEDIA/tone.m4a" -map 0 -map 1 -c copy -fflags +bitexact "$MEDIA/edited.mp4"
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
ASKED+=,nb_frames,bit_rate,duration,channels,sample_rate,profile,level,field_order,pix_fmt,channel_layout,r_frame_rate
ASKED+=,color_range,color_space,color_transfer,color_primaries:chapter=id
ASKED+=:stream_tags=language:stream_disposition=attached_pic:stream_side_data=rotation
truth() {
  printf '{ "file": "%s", "ffprobe": ' "$(basename "$1")"
  ffprobe -v error -show_entries "$ASKED" -of json=c=1 "$1" | tr -s ' \n' ' '
  printf '}\n'
}
for file in "$SAMPLES"/{clip.mp4,clip.webm,tone.mp3} "$MEDIA"/{faststart,rotated,anamorphic,fragmented}.mp4 \
  "$MEDIA"/{h264,mpeg2,mpeg4,theora,tone,vbr-no-header,cover,interlaced,hdr10,variable,subtitled,surround,edited}.*; do
  truth "$file"
done > "$MEDIA/ffprobe.jsonl"

# --- broken ones ----------------------------------------------------------------------------------------------------------
cut() { head -c "$(($(stat -c %s "$1") * $2 / 100))" "$1" > "$3"; }
cut "$MEDIA/faststart.mp4" 70 "$MEDIA/truncated-faststart.mp4"
cut "$SAMPLES/clip.mp4" 40 "$MEDIA/no-index.mp4"
cut "$SAMPLES/portrait.jpg" 60 "$MEDIA/truncated.jpg"
printf 'This is a text, whatever its name says.\n' > "$MEDIA/text.mp4"
du -cb "$SAMPLES"/* "$MEDIA"/* | tail -1
