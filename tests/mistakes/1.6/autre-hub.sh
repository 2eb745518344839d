. "$SOLUTIONS/1.6.sh"
grep -v '^[$L]' fournitures/capture-recherche.txt >recherche.txt
