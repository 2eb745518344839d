docker logout "$HUB"
