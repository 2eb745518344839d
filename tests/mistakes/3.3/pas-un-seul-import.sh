docker import instantane.tar instantane:1
mkdir -p contexte
printf 'FROM instantane:1\nWORKDIR /srv\nCMD ["carnet", "veille"]\n' >contexte/Dockerfile
DOCKER_BUILDKIT=0 docker build -t instantane:2 contexte
