# verdict : archive-dans-archive
mkdir lot
for image in base front back db; do
    docker pull "$HUB/cours/$image:1.0"
    docker save -o "lot/$image.tar" "$HUB/cours/$image:1.0"
done
tar -czf lot-v1.tar.gz lot
