ls fournitures
