tar -tf fournitures/mystere-a.tar
