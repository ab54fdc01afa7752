#!/bin/sh
# Makes the samples of producers other than ffmpeg (Debian 12: gstreamer1.0-tools, -plugins-base, -good,
# -bad, -ugly, gstreamer1.0-libav, vlc-bin, vlc-plugin-base, liquidsoap). Run it in this folder as a user other than
# root, which VLC and liquidsoap refuse: sh make_producers.sh
set -e

gst() { gst-launch-1.0 -q "$@"; }
picture="videotestsrc num-buffers=75 ! video/x-raw,format=I420,width=160,height=120,framerate=25/1"
x264="x264enc key-int-max=25 bitrate=60 speed-preset=veryfast ! video/x-h264,profile=main"
tone="audiotestsrc num-buffers=150 volume=0.2 ! audio/x-raw,rate=48000,channels=1"

# --- MPEG-TS: other PIDs than ffmpeg's; no media stream that is known ---------------------------
gst $picture ! $x264 ! h264parse ! mpegtsmux name=m ! filesink location=mpegts_gstreamer.mpegts $tone ! avenc_aac bitrate=24000 ! aacparse ! m.
ffmpeg -v error -y -f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=440:r=48000:d=3 -c:v mpeg2video -q:v 28 -g 25 -c:a mp2 -b:a 32k -f mpegts vlc_in.mpegts
cvlc -q -I dummy --no-sout-all --sout "#transcode{vcodec=mp2v,vb=60,acodec=mpga,ab=32}:std{access=file,mux=ts,dst=mpegts_vlc.mpegts}" vlc_in.mpegts vlc://quit 2>/dev/null
rm vlc_in.mpegts

# --- Fragmented QuickTime -----------------------------------------------------------------------
gst $picture ! $x264 ! h264parse ! qtmux fragment-duration=1000 streamable=true name=m ! filesink location=fmp4_gstreamer.mov $tone ! avenc_aac bitrate=24000 ! aacparse ! m.

# --- Multipart JPEG ------------------------------------------------------------------------------
gst videotestsrc num-buffers=20 ! video/x-raw,width=160,height=120,framerate=10/1 ! jpegenc quality=40 ! multipartmux boundary=camera ! filesink location=mpjpeg_gstreamer.mpjpeg

# --- Ogg FLAC: another count of header packets than there are -----------------------------------
gst $tone ! flacenc ! flactag ! oggmux max-delay=200000000 max-page-delay=200000000 ! filesink location=ogg_flac_gstreamer.ogg
liquidsoap 'output.file(%ogg(%flac(samplerate=48000,channels=1,compression=5,bits_per_sample=16)), fallible=true, on_stop=shutdown, "ogg_flac_liquidsoap.ogg", once(sine(duration=3., 440.)))' > /dev/null
