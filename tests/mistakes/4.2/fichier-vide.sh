docker pull "$HUB/moi/vigie@rien" >digest.txt
