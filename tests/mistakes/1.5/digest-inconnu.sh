echo "$HUB/cours/outil@sha256:$(echo outil | sha256sum | cut -d" " -f1)" >digest.txt
