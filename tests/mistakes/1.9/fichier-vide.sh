. "$SOLUTIONS/1.9.sh"
docker run --rm --network none lanterne:3.0 >latest-apres.txt
