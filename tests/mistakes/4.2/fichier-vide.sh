docker pull "$HUB/moi/vigie@rien" >digest-publie.txt
