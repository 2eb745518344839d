atelier hub jeton creer pytheas robot-meteo-2 --portee read --jours 90 >.jeton-2
