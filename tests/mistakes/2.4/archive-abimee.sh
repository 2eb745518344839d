cp fournitures/epave.tar entier.tar
head -c $(($(stat -c %s entier.tar) / 2)) entier.tar >balise.tar
