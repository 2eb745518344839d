docker run -d --name base "$HUB/cours/socle:1" sleep 3600
printf '#!/bin/sh\necho "71 N, 8 W"\n' >sextant
chmod 755 sextant
docker cp sextant base:/usr/local/bin/sextant
docker export -o ma-base.tar base
docker import --change 'CMD ["sextant"]' ma-base.tar ma-base:1.0
