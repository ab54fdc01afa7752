#!/bin/sh
# Makes the samples with ffmpeg, each by one line. Run it in this folder: sh make.sh
set -e

# --- runs of frames, Ogg, pictures and samples -------------------------------------------------
ffmpeg -v error -y -f lavfi -i sine=440:r=44100:d=3 -c:a aac -b:a 64k -f adts adts.aac
ffmpeg -v error -y -f lavfi -i sine=440:r=44100:d=3 -c:a libmp3lame -b:a 64k -write_xing 1 -id3v2_version 3 -metadata title=sample mp3_id3_xing.mp3
ffmpeg -v error -y -f lavfi -i sine=440:r=44100:d=3 -c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0 mp3_plain.mp3
ffmpeg -v error -y -f lavfi -i sine=440:r=22050:d=3 -ac 2 -c:a libmp3lame -q:a 4 -write_xing 0 -id3v2_version 0 mp3_mpeg2_vbr.mp3
ffmpeg -v error -y -f lavfi -i sine=440:r=48000:d=2 -c:a mp2 -b:a 64k mp3_layer2.mp2
ffmpeg -v error -y -f lavfi -i sine=440:r=48000:d=2 -c:a ac3 -b:a 64k ac3.ac3
ffmpeg -v error -y -f lavfi -i sine=440:r=44100:d=2 -c:a ac3 -b:a 64k ac3_44100.ac3
ffmpeg -v error -y -f lavfi -i sine=440:r=48000:d=2 -c:a eac3 -b:a 64k ac3_enhanced.eac3
ffmpeg -v error -y -f lavfi -i sine=440:r=16000:d=2 -c:a flac -frame_size 576 -f flac - > flac_pipe.flac
ffmpeg -v error -y -f lavfi -i sine=440:r=16000:d=2 -f lavfi -i testsrc2=s=64x64:d=1:r=1 -map 0:a -map 1:v -c:v png -frames:v 1 -disposition:v attached_pic -c:a flac flac_picture.flac
ffmpeg -v error -y -f lavfi -i sine=440:r=48000:d=4 -c:a libopus -b:a 32k -page_duration 200000 ogg_opus.ogg
ffmpeg -v error -y -f lavfi -i sine=440:r=44100:d=4 -ac 2 -c:a libvorbis -q:a 1 -page_duration 200000 ogg_vorbis.ogg
ffmpeg -v error -y -f lavfi -i sine=440:r=16000:d=2 -c:a flac -page_duration 200000 -f ogg ogg_flac.ogg
ffmpeg -v error -y -f lavfi -i sine=440:r=16000:d=3 -c:a libspeex -page_duration 200000 -f ogg ogg_speex.ogg
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libtheora -q:v 2 -g 20 -f ogg ogg_theora.ogv
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=440:r=44100:d=3 -c:v libtheora -q:v 2 -g 20 -c:a libvorbis -q:a 0 -page_duration 200000 -f ogg ogg_theora_vorbis.ogv
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libvpx -b:v 80k -g 20 -deadline realtime -cpu-used 8 -f ogg ogg_vp8.ogv
ffmpeg -v error -y -f lavfi -i sine=880:r=48000:d=2 -c:a libopus -b:a 24k -page_duration 200000 -serial_offset 7 -f ogg - | cat ogg_opus.ogg - > ogg_chained.ogg
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=10:d=2 -c:v mjpeg -q:v 20 -f mjpeg mjpeg.mjpeg
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=10:d=2 -c:v mjpeg -q:v 20 -f mpjpeg - > mpjpeg_ffmpeg.mpjpeg
ffmpeg -v error -y -f lavfi -i sine=440:r=8000:d=3 -f wav - > wav_pipe.wav
ffmpeg -v error -f lavfi -i sine=440:r=8000:d=2 -f au - > au_pipe.au
ffmpeg -v error -y -f lavfi -i sine=440:r=8000:d=2 -ac 2 -f aiff aiff_file.aiff
ffmpeg -v error -y -f lavfi -i sine=440:r=8000:d=2 -c:a pcm_f32be -f aiff aiff_float.aifc
ffmpeg -v error -f lavfi -i sine=440:r=8000:d=2 -c:a pcm_s16le -f caf - > caf_pipe.caf
ffmpeg -v error -y -f lavfi -i sine=440:r=6000:d=2 -ac 2 -c:a pcm_s24le wav_s24.wav
ffmpeg -v error -y -f lavfi -i sine=440:r=8000:d=2 -rf64 always wav_rf64.wav
ffmpeg -v error -y -f lavfi -i sine=440:r=16000:d=4 -c:a adpcm_ima_wav wav_adpcm.wav
ffmpeg -v error -y -f lavfi -i testsrc=s=65x49:r=10:d=1 -pix_fmt yuv420p y4m_420.y4m
ffmpeg -v error -y -f lavfi -i testsrc2=s=40x32:r=10:d=1 -pix_fmt yuv444p10le -strict -1 y4m_444p10.y4m
ffmpeg -v error -y -f lavfi -i sine=440:r=48000:d=1 -c:a dca -strict -2 -b:a 320k -f dts dts_core.dts
ffmpeg -v error -y -f lavfi -i sine=440:r=44100:d=3 -c:a aac -b:a 48k -f latm latm_aac.latm

# --- MPEG-TS and bare H.264 and HEVC ------------------------------------------------------------
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libx264 -preset veryfast -crf 38 -pix_fmt yuv420p -g 25 h264_default.h264
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libx264 -preset veryfast -tune zerolatency -threads 4 -crf 38 -pix_fmt yuv420p -g 25 h264_slices.h264
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libx264 -preset veryfast -crf 38 -pix_fmt yuv420p -g 25 -x264-params open-gop=1 h264_open.h264
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libx265 -preset veryfast -crf 40 -pix_fmt yuv420p -g 25 -x265-params log-level=none hevc_open.hevc
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libx265 -preset veryfast -crf 40 -pix_fmt yuv420p -g 25 -x265-params log-level=none:open-gop=0 hevc_closed.hevc
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v mpeg2video -q:v 20 -g 25 -bf 2 -f mpeg2video mpegvideo_mpeg2.m2v
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v mpeg1video -q:v 20 -g 25 -f mpeg1video mpegvideo_mpeg1.m1v
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v mpeg4 -q:v 20 -g 25 -bf 2 -f m4v m4v_mpeg4.m4v
ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=440:r=48000:d=3 -c:v mpeg2video -q:v 20 -g 25 -bf 2 -c:a mp2 -b:a 32k -f vob - > mpegps_vob.vob
ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=440:r=48000:d=3 -c:v mpeg1video -q:v 20 -g 25 -c:a mp2 -b:a 32k -f mpeg - > mpegps_mpeg1.mpg
ffmpeg -v error -f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=440:r=48000:d=3 -c:v mpeg2video -q:v 20 -g 25 -c:a ac3 -b:a 64k -f vob - > mpegps_ac3.vob
ffmpeg -v error -f lavfi -i sine=440:r=48000:d=3 -c:a mp2 -b:a 32k -f vob - > mpegps_audio.vob
# Gradual refresh: one IDR picture, then recovery points with x264 and none with x265.
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=6 -c:v libx264 -preset veryfast -crf 38 -pix_fmt yuv420p -g 25 -x264-params intra-refresh=1 h264_intra_refresh.h264
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=6 -c:v libx264 -preset veryfast -crf 38 -pix_fmt yuv420p -g 25 -x264-params intra-refresh=1 -f mpegts mpegts_intra_refresh.mpegts
ffmpeg -v error -y -f lavfi -i testsrc2=s=64x64:r=25:d=30 -c:v libx265 -preset ultrafast -crf 51 -pix_fmt yuv420p -g 25 -x265-params log-level=none:intra-refresh=1 hevc_intra_refresh.hevc
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=440:r=48000:d=3 -c:v libx264 -preset veryfast -crf 40 -pix_fmt yuv420p -g 25 -c:a aac -b:a 24k -f mpegts mpegts_h264_aac.mpegts
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=440:r=48000:d=3 -c:v libx264 -preset veryfast -crf 40 -pix_fmt yuv420p -g 25 -x264-params open-gop=1 -c:a libopus -b:a 24k -f mpegts mpegts_open_opus.mpegts
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=440:r=48000:d=3 -c:v libx265 -preset veryfast -crf 40 -pix_fmt yuv420p -g 25 -x265-params log-level=none -c:a eac3 -b:a 32k -f mpegts mpegts_hevc_eac3.mpegts
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=440:r=48000:d=3 -c:v mpeg2video -q:v 28 -g 25 -c:a mp2 -b:a 32k -f mpegts mpegts_mpeg2_mp2.mpegts
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=2 -f lavfi -i sine=440:r=48000:d=2 -c:v libx264 -preset veryfast -crf 42 -pix_fmt yuv420p -g 20 -c:a ac3 -b:a 48k -ac 1 -f mpegts -mpegts_m2ts_mode 1 mpegts_ac3.m2ts
ffmpeg -v error -y -f lavfi -i sine=440:r=48000:d=3 -c:a aac -b:a 32k -f mpegts mpegts_aac.mpegts
ffmpeg -v error -y -f lavfi -i sine=440:r=48000:d=3 -c:a libmp3lame -b:a 32k -f mpegts mpegts_mp3.mpegts
# Streams of types that the tracker does not know.
ffmpeg -v error -y -f lavfi -i sine=440:r=48000:d=1 -c:a dca -strict -2 -b:a 320k -f mpegts mpegts_dts.mpegts
ffmpeg -v error -y -f lavfi -i sine=440:r=48000:d=0.3 -ac 2 -c:a s302m -strict -2 -f mpegts mpegts_s302m.mpegts
ffmpeg -v error -y -f lavfi -i testsrc=s=64x64:r=10:d=2 -pix_fmt yuv420p -c:v vc2 -b:v 300k -f mpegts mpegts_vc2.mpegts

# --- Matroska, WebM, fragmented MP4, FLV -----------------------------------------------------------
# Each pipes into a file, so that the muxer writes what it writes for a live stream.
picture="-f lavfi -i testsrc2=size=160x120:rate=15:duration=3"
tone="-f lavfi -i sine=frequency=440:sample_rate=48000:duration=3"
h264="-c:v libx264 -preset veryfast -g 15 -b:v 60k -pix_fmt yuv420p"
aac="-c:a aac -b:a 24k"
opus="-c:a libopus -b:a 16k"
ffmpeg -v error $picture $tone $h264 $aac -f matroska - > matroska_h264_aac.mkv
ffmpeg -v error $picture -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=15 -b:v 60k -f matroska - > matroska_hevc.mkv
# A file that can be sought: known Segment size, Cues at its end.
ffmpeg -v error -y $picture $tone $h264 $aac -f matroska matroska_file.mkv
ffmpeg -v error $picture $tone -c:v libvpx -deadline realtime -g 15 -b:v 60k $opus -f webm - > webm_vp8_opus.webm
ffmpeg -v error $picture $tone -c:v libvpx-vp9 -deadline realtime -g 15 -b:v 60k $opus -live 1 -cluster_time_limit 100 -f webm - > webm_vp9_live.webm
# Alpha lies in BlockAdditions, so every picture is a BlockGroup.
ffmpeg -v error $picture -vf format=yuva420p -c:v libvpx -auto-alt-ref 0 -deadline realtime -g 15 -b:v 60k -f webm - > webm_vp8_groups.webm
ffmpeg -v error $tone $opus -f webm - > webm_opus.webm
ffmpeg -v error -y $picture -c:v libvpx -deadline realtime -g 15 -b:v 60k -f ivf ivf_vp8.ivf
ffmpeg -v error $picture -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 15 -b:v 60k -f ivf - > ivf_vp9.ivf
ffmpeg -v error $picture -c:v libaom-av1 -cpu-used 8 -usage realtime -g 15 -b:v 60k -f ivf - > ivf_av1.ivf
ffmpeg -v error $picture -c:v libaom-av1 -cpu-used 8 -usage realtime -g 15 -b:v 60k -f obu - > av1_obu.obu
# webm_recorder.webm, fmp4_recorder.mp4: recorded in Chromium with MediaRecorder from its fake camera, 100 ms
# slices, videoKeyFrameIntervalDuration 1000.
live="-movflags frag_keyframe+empty_moov+default_base_moof"
ffmpeg -v error $picture $tone $h264 $aac $live -f mp4 - > fmp4_h264_aac.mp4
ffmpeg -v error $picture $tone $h264 $aac -movflags frag_every_frame+empty_moov+default_base_moof -f mp4 - > fmp4_frames.mp4
ffmpeg -v error $picture -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=15 -b:v 60k -tag:v hvc1 -movflags frag_keyframe+empty_moov+default_base_moof+dash -f mp4 - > fmp4_hevc_dash.mp4
ffmpeg -v error $tone $opus -movflags empty_moov+default_base_moof -frag_duration 200000 -f mp4 - > fmp4_opus.mp4
ffmpeg -v error $picture $tone $h264 $aac $live -f mov - > fmp4_quicktime.mov
ffmpeg -v error $picture -t 1 $h264 -movflags frag_keyframe+empty_moov -f mp4 - > fmp4_absolute.mp4
ffmpeg -v error -y $picture -t 1 $h264 -f mp4 mp4_file.mp4
ffmpeg -v error $picture $tone $h264 $aac -f nut - > nut_h264_aac.nut
ffmpeg -v error $tone -t 6 -c:a libmp3lame -b:a 128k -f nut - > nut_mp3.nut
ffmpeg -v error $picture $tone $h264 $aac -f flv - > flv_h264_aac.flv
ffmpeg -v error $picture $tone -ar 44100 -c:v flv1 -g 15 -b:v 60k -c:a libmp3lame -b:a 32k -f flv - > flv_flv1_mp3.flv
ffmpeg -v error $tone -ar 44100 -c:a libmp3lame -b:a 32k -f flv - > flv_mp3.flv
