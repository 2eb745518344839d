tar -tf fournitures/colis-1.tar
