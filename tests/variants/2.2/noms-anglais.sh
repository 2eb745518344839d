# verdict : passed
. "$SOLUTIONS/2.2.sh"
sed -i -e 's/"oci"/"OCI layout"/' -e 's/"ancienne"/"legacy"/' -e 's/"couches": \(.*\),/"couches": "\1 couches",/' reponses/2.2.json
