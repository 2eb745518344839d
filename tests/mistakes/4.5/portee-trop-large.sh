mkdir -p reponses
cat >reponses/4.5.json <<'FIN'
{
  "integration": {"genre": "pat", "portee": "lecture-ecriture-suppression", "jours": 90},
  "publication": {"genre": "pat", "portee": "lecture-ecriture", "jours": 90},
  "menage": {"genre": "pat", "portee": "lecture-ecriture-suppression", "jours": 1},
  "organisation": {"genre": "oat", "portee": "lecture-ecriture", "jours": 180},
  "limite_a_un_depot": "oat"
}
FIN
