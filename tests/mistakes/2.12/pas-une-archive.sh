echo "<html><body>404 Not Found</body></html>" >sonde-arm64.tar
