docker pull "$HUB/cours/sondeur:1"
