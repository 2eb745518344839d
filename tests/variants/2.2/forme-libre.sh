# verdict : passed
. "$SOLUTIONS/2.2.sh"
sed -i -e 's/"oci"/" OCI "/' -e 's/"couches": \(.*\),/"couches": "\1",/' -e 's/"etiquettes": \[\(.*\)\],/"etiquettes": \1,/' reponses/2.2.json
