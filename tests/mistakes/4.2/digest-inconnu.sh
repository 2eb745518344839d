echo "vigie 1.0.0, telle que poussée" | sha256sum | cut -d" " -f1 >digest-publie.txt
