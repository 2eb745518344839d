docker run --network none --name etude-conteneur busybox sh -c "exit 7"
