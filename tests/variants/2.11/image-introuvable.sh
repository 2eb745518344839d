# verdict : inspection-partielle
. "$SOLUTIONS/2.11.sh"
docker image inspect cours/outil:9 >outil-1.2.inspect.json
