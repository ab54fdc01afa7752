#!/bin/sh
# Makes the seeds of the trackers' targets with ffmpeg. Run it in this folder: sh make_seeds.sh
# Each holds its init and several join points in a few kilobytes: the smaller a case, the more of them
# are tried in a second, and what stands behind the last join point is never joined.
set -e

# Bytes of a seed: above the heads of all, and three join points of the bulkiest, MPEG-TS, fit.
most=8192

# --- beginnings of the samples, where those are joined often enough ------------------------------------
cut() {
  mkdir -p "corpus/tracker-$1"
  head -c "${3:-$most}" "../vectors/media/$2" > "corpus/tracker-$1/seed-$(echo "$2" | tr . _).bin"
}
cut ac3 ac3.ac3
cut ac3 ac3_enhanced.eac3
cut adts adts.aac
cut mjpeg mjpeg.mjpeg
cut mp3 mp3_id3_xing.mp3
cut dts dts_core.dts
cut latm latm_aac.latm
cut mp4 fmp4_opus.mp4
cut flv flv_mp3.flv
cut ogg ogg_opus.ogg
cut au au_pipe.au
cut aiff aiff_file.aiff
cut caf caf_pipe.caf
cut wav wav_pipe.wav
cut wav wav_rf64.wav
cut auto fmp4_opus.mp4 6000
cut auto mp3_id3_xing.mp3 6000
cut auto mpegts_mp3.mpegts 6000
cut auto ogg_opus.ogg 6000

# --- tiny pictures with a key frame every fourth ------------------------------------------------------
make() {
  target=$1
  name=$2
  shift 2
  mkdir -p "corpus/tracker-$target"
  # Piped, so that the muxer writes what it writes for a live stream.
  ffmpeg -v error -bitexact "$@" - | {
    head -c $most > "corpus/tracker-$target/seed-tiny_$name.bin"
    cat > /dev/null
  }
}
picture="-f lavfi -i testsrc2=size=32x32:rate=10:duration=3"
tone="-f lavfi -i sine=sample_rate=16000:duration=3"
h264="-c:v libx264 -preset ultrafast -qp 40 -g 4 -pix_fmt yuv420p -x264-params info=0"
hevc="-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=4:min-keyint=4:qp=40:info=0:bframes=1:scenecut=0"
vp8="-c:v libvpx -deadline realtime -g 4 -qmin 50 -qmax 63 -b:v 10k"
vp9="-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 4 -b:v 10k"
theora="-c:v libtheora -g 4 -qscale:v 0"
aac="-c:a aac -b:a 8k"
opus="-c:a libopus -b:a 8k"
make mpegts h264_aac $picture $tone $h264 $aac -f mpegts
make mpegts hevc_opus $picture $tone $hevc $opus -f mpegts
make mpegts mpeg2 $picture -r 25 -c:v mpeg2video -q:v 31 -g 4 -f mpegts
make mpegts h264_m2ts $picture $h264 -f mpegts -mpegts_m2ts_mode 1
make h264 h264 $picture $h264 -f h264
make h264 slices $picture $h264:slices=2:aud=1 -f h264
make hevc open $picture $hevc:open-gop=1 -f hevc
make hevc closed $picture $hevc:open-gop=0:aud=1 -f hevc
make mpegvideo mpeg2 $picture -r 25 -c:v mpeg2video -q:v 31 -g 4 -f mpeg2video
make m4v mpeg4 $picture -c:v mpeg4 -q:v 31 -g 4 -f m4v
make mpegps vob $picture -r 25 $tone -c:v mpeg2video -q:v 31 -g 4 -c:a mp2 -b:a 32k -f vob
make nut h264_aac $picture $tone $h264 $aac -f nut
make ivf vp8 $picture $vp8 -f ivf
make av1 av1 $picture -c:v libaom-av1 -cpu-used 8 -usage realtime -g 4 -b:v 10k -f obu
make mpjpeg mpjpeg $picture -c:v mjpeg -q:v 31 -f mpjpeg
make matroska h264_aac $picture $tone $h264 $aac -f matroska
make matroska hevc_live $picture $hevc -live 1 -cluster_time_limit 500 -f matroska
make webm vp8_opus $picture $tone $vp8 $opus -f webm
make webm vp9_live $picture $tone $vp9 $opus -live 1 -cluster_time_limit 500 -f webm
# Alpha lies in BlockAdditions, so every picture is a BlockGroup.
make webm vp8_groups $picture -vf format=yuva420p -auto-alt-ref 0 $vp8 -f webm
make mp4 h264_aac $picture $tone $h264 $aac -movflags frag_keyframe+empty_moov+default_base_moof -f mp4
make mp4 hevc_frames $picture $hevc -movflags frag_every_frame+empty_moov+default_base_moof -f mp4
make flv h264_aac $picture $tone $h264 $aac -f flv
make ogg theora $picture $theora -page_duration 200000 -f ogg
make ogg theora_vorbis $picture $tone $theora -c:a libvorbis -q:a -1 -page_duration 200000 -f ogg
make flac flac $tone -c:a flac -frame_size 576 -metadata_header_padding 16 -f flac
make y4m y4m $picture -vf scale=16:16 -pix_fmt yuv420p -f yuv4mpegpipe
