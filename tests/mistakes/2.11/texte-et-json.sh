. "$SOLUTIONS/2.11.sh"
{ echo "Image : outil 1.2"; cat outil-1.2.inspect.json; } >melange && mv melange outil-1.2.inspect.json
