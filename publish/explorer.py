"""The archive explorer's place in its page; what it does is in the theme's JavaScript.

The example is inside the page: a page read from a file (`file://`) may not fetch another file.
"""

from __future__ import annotations

import base64
from pathlib import Path

MARK = "<!-- explorateur -->"
EXAMPLE = "assets/escale.tar.gz"

_PLACE = """
<link rel="stylesheet" href="assets/stylesheets/explorateur.css">
<noscript><p class="explorateur-sans">Cette page demande JavaScript : c’est votre navigateur \
qui lit l’archive. Sans lui, <code>./atelier inspecter FICHIER</code> dit la même chose dans un \
terminal.</p></noscript>
<div id="explorateur" hidden>
<div class="explorateur-depot">
<p>Déposez une archive sur la page, ou</p>
<p><input type="file" id="explorateur-fichier" multiple>\
<label for="explorateur-fichier" class="md-button md-button--primary">Choisir une archive</label>
<button type="button" class="md-button explorateur-exemple">Essayer avec l’exemple</button></p>
</div>
<div class="explorateur-avancement" hidden>
<progress aria-label="Lecture de l’archive"></progress>
<p></p>
<button type="button" class="md-button">Annuler la lecture</button>
</div>
<p class="explorateur-etat" role="status" aria-live="polite"></p>
<div class="explorateur-resultat" hidden></div>
</div>
<script type="application/gzip" id="explorateur-exemple-donnees" data-name="escale.tar">%s</script>
<script src="assets/javascripts/archives.js" defer></script>
<script src="assets/javascripts/explorateur.js" defer></script>
"""


def place(text: str, folder: Path) -> str:
    """The HTML of a page with the explorer where its mark stands."""
    if MARK not in text:
        return text
    example = base64.b64encode((folder / EXAMPLE).read_bytes()).decode()
    return text.replace(MARK, _PLACE.replace("JavaScript :", "JavaScript\u00a0:") % example)
