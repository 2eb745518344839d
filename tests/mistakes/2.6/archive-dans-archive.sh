for image in base front back db; do docker pull "$HUB/cours/$image:1.0"; done
for image in base front back db; do docker save -o $image.tar "$HUB/cours/$image:1.0"; done
tar -czf lot-v1.tar.gz base.tar front.tar back.tar db.tar
