#!/bin/sh
# Makes clip.webm.b64, the built-in clip of `fstream demo`, in this folder. Needs ffmpeg with
# libvpx, libopus and drawtext, the DejaVu fonts, fc-match and base64; takes some 20 s.
#
# Everything repeats with the 10 s loop: 250 frames at 25 fps, 500 Opus packets of 20 ms. The loop
# is encoded twice and only its second time is kept, so that the first packet's Opus state and
# look-ahead (6.5 ms) are those that follow the last packet. The cut also leaves behind the
# trimming (DiscardPadding) that ends an Opus stream.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One line in from the left that opens into five: y = 292 + offset * smoothstep(x, 215..425).
ease='st(0,clip((X-215)/210,0,1));st(1,ld(0)*ld(0)*(3-2*ld(0)))'
line() { echo "clip(1.6-abs(Y-292-($1)*ld(1))/(1+abs($1)*if(between(X,216,424),0.009,0)),0,1)"; }
lines="max($(line -48),max($(line -24),max($(line 0),max($(line 24),$(line 48)))))"
back="geq=r='$ease;12+8*Y/H+30*$lines':g='$ease;17+9*Y/H+46*$lines':b='$ease;28+14*Y/H+62*$lines'"

# Two trains of dots, each 2.5 s from edge to edge (264 px/s): one on the trunk, then five.
chain=''
from='titled'
n=0
for start in 0 1.25; do
  for offset in -48 -24 0 24 48; do
    x="mod((t+$start)*264,660)-20"
    s="clip(($x+10-215)/210,0,1)"
    y="282+($offset)*$s*$s*(3-2*$s)"
    chain="$chain;[$from][d$n]overlay=x='$x':y='$y':eval=frame[o$n]"
    from="o$n"
    n=$((n + 1))
  done
done
dots=''
for i in 0 1 2 3 4 5 6 7 8 9; do dots="$dots[d$i]"; done

# A dial with a comet that goes round once in 10 s, bright at the head and fading behind it.
around='mod(T/10-atan2(X-44,44-Y)/(2*PI)+2,1)'
ring='clip(3.2-abs(hypot(X-44,Y-44)-36),0,1)'
dial="geq=r='110+100*pow(1-$around,4)':g='130+110*pow(1-$around,3)':b='170+80*pow(1-$around,3)':a='255*$ring*(0.16+0.84*pow(1-$around,2))'"

plain=$(fc-match -f '%{file}' 'DejaVu Sans')
bold=$(fc-match -f '%{file}' 'DejaVu Sans:bold')
word="drawtext=fontfile='$bold':text=fstream:fontsize=92:fontcolor=0xf2f5fa:x=(w-text_w)/2:y=108"
motto="drawtext=fontfile='$plain':text='one pipe in, everyone watching':fontsize=22:fontcolor=0x9fb0c8:x=(w-text_w)/2:y=206"
badge="drawtext=fontfile='$bold':text=DEMO:fontsize=16:fontcolor=0x0d1220:box=1:boxcolor=0x5fd0c5:boxborderw=7:x=32:y=36"
what="drawtext=fontfile='$plain':text=640 x 360   25 fps   VP8 + Opus:fontsize=15:fontcolor=0x7f90a8:x=104:y=37"
count="drawtext=fontfile='$bold':text='%{eif\\:floor(mod(t+0.001,10))\\:d}':fontsize=36:fontcolor=0xf2f5fa:x=576-text_w/2:y=43"

# Five bells two seconds apart over a pad of two notes; every frequency is a multiple of 0.1 Hz, so
# that ten seconds are whole periods, and a bell that rings over the end rings on at the start.
bell() { echo "exp(-2.2*mod(t-$1+10,10))*(1-exp(-90*mod(t-$1+10,10)))*(sin(2*PI*$2*t)+0.35*sin(4*PI*$2*t)*exp(-3*mod(t-$1+10,10)))"; }
bells="$(bell 0 523.3)+$(bell 2 659.3)+$(bell 4 784)+$(bell 6 587.3)+$(bell 8 440)"
pad='(0.6+0.4*sin(2*PI*0.2*t))*sin(2*PI*130.8*t)+(0.6-0.4*sin(2*PI*0.1*t))*0.7*sin(2*PI*196*t)'
tone="0.15*($bells)+0.06*($pad)"

ffmpeg -hide_banner -v error -y -filter_complex "
  color=black:s=640x360:r=25:d=0.04,format=gbrp,$back,loop=loop=-1:size=1,setpts=N/25/TB,trim=end_frame=500,format=yuv420p[back];
  color=black:s=88x88:r=25:d=20,format=rgba,$dial[dial];
  color=0x7fe3d8:s=21x21:r=25:d=20,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='max(255*clip(6.5-hypot(X-10,Y-10),0,1),150*clip(1-hypot(X-10,Y-10)/10,0,1))',split=10$dots;
  [back]$word,$motto,$badge,$what[text];
  [text][dial]overlay=x=532:y=12[dialled];
  [dialled]$count[titled]
  $chain;
  [$from]format=yuv420p[v];
  aevalsrc='$tone':s=48000:d=20:n=960[a]" \
  -map '[v]' -map '[a]' -c:v ffv1 -c:a pcm_s16le "$work/raw.mkv"

# Two passes, or the key frames every 2 s get too few bits and the picture pulses.
encode() {
  ffmpeg -hide_banner -v error -y -i "$work/raw.mkv" -c:v libvpx -b:v 240k -quality good \
    -cpu-used 0 -auto-alt-ref 0 -lag-in-frames 16 -g 50 -keyint_min 50 -qmin 4 -qmax 44 \
    -passlogfile "$work/pass" "$@"
}
encode -pass 1 -an -f null -
encode -pass 2 -c:a libopus -b:a 40k -vbr on -frame_duration 20 -application audio "$work/twice.mkv"

# The cut falls 10 ms before the second loop, between the last packet of the first (9.98 s) and
# those that are wanted. The new times are exact: a Block's time includes the Opus look-ahead
# (CodecDelay, RFC 9559, section 5.1.4.1.25), so that both tracks begin at 0. With a limit of 85 ms
# a cluster begins at every fourth packet, 80 ms apart: -live alone would make them far longer.
ffmpeg -hide_banner -v error -y -i "$work/twice.mkv" -ss 9.99 -t 10 -c copy \
  -bsf:v setts=ts=N*40 -bsf:a setts=ts=N*20 -avoid_negative_ts disabled \
  -map_metadata -1 -fflags +bitexact -flags +bitexact \
  -live 1 -cluster_time_limit 85 -f webm "$work/clip.webm"
base64 -w 100 "$work/clip.webm" >clip.webm.b64
