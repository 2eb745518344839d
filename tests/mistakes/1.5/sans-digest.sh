echo "$HUB/cours/outil:1.2" >digest.txt
