# verdict : passed
mkdir -p bouteille/mer
install -m 555 fournitures/crieur bouteille/cri
cp fournitures/message.txt bouteille/mer/message
(cd bouteille && tar -cz *) | tee bouteille.tar |
    docker import --change 'WORKDIR /mer' --change 'ENTRYPOINT ["/cri"]' --change 'CMD ["message"]' - bouteille:1
docker run --rm --network none bouteille:1 | cmp - fournitures/message.txt
