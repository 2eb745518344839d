docker save cours/nexiste:pas >balise.tar || true
