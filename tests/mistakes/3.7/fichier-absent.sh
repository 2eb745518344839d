sh fournitures/scene-derive.sh
docker logs derive
