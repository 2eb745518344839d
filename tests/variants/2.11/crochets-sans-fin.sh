# verdict : texte-et-json
. "$SOLUTIONS/2.11.sh"
printf '[%.0s' {1..100000} >outil-1.2.inspect.json
