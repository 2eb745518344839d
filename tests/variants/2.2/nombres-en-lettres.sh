# verdict : passed
. "$SOLUTIONS/2.2.sh"
sed -i -e 's/"couches": 2,/"couches": "deux",/' -e 's/"couches": 3,/"couches": "trois",/' -e 's/"couches": 4,/"couches": "quatre",/' -e 's/"couches": 5,/"couches": "Cinq",/' reponses/2.2.json
! grep '"couches": [0-9]' reponses/2.2.json
