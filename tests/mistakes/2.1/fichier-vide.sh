docker save cours/nexiste:pas >outil-1.2.tar || true
