docker pull "$HUB/cours/outil"
