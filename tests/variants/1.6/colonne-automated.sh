# verdict : passed
. "$SOLUTIONS/1.6.sh"
# L'affichage d'avant Docker 25.
cat >recherche.txt <<'FIN'
NAME      DESCRIPTION              STARS     OFFICIAL   AUTOMATED
busybox   Outils de base.          0         [OK]
FIN
