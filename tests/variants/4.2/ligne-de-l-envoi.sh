# verdict : passed
docker push "$HUB/moi/vigie:1.0.0" | tail -n 1 >envoi.txt
. "$SOLUTIONS/4.2.sh"
mv envoi.txt digest-publie.txt
