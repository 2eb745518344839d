mkdir -p comparaison
echo "<html><body>404 Not Found</body></html>" >comparaison/atlas.tar
