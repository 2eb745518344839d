: >publier.sh
