cp fournitures/epave.tar interieur.tar
tar -cf balise.tar interieur.tar
