docker search "$HUB/outil"
