docker export conteneur-fantome >instantane.tar
