docker save cours/nexiste:pas >sonde-arm64.tar || true
