for caisse in fournitures/caisse-*; do tar -tf "$caisse"; done
