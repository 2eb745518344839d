: >etiqueter.sh
