. "$SOLUTIONS/2.10.sh"
{ cat atlas.tar; head -c 10240 /dev/zero; } | xz >atlas.tar.xz
