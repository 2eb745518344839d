# verdict : passed
. "$SOLUTIONS/4.2.sh"
echo "[$HUB/moi/vigie@$(cat digest-publie.txt)]" >digest-publie.txt
