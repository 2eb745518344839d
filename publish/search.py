"""The theme's search, taught French: accents, apostrophes, plurals, options such as `--limit`.

Material's worker is Lunr (https://lunrjs.com/) behind a message port, and asks for words that
*begin* as those of the query. So tokens lose their accents when they are indexed, and the words of
a query lose accents, plural marks, and the little words that are everywhere. Whole words count more
than beginnings; a short word that is not the last is whole; what has every word of the query, and
its options as they are typed, comes before what has some. What sums up or asks comes last.
"""

from __future__ import annotations

import json
from pathlib import Path

STOP_WORDS = (
    "docker a au aux avec ce ces cet cette c comment d dans de des du elle en entre est et faire "
    "fait il je l la le les leur m ma mais mes mon n ne nos notre on ou par pas plus pour "
    "pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se ses si son sont "
    "sur t un une vos votre vous y"
)

FRENCH = r"""
(() => {
  const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "")
    .replace(/œ/g, "oe").replace(/æ/g, "ae");
  const stem = (word) => word.length < 4 ? word
    : word.replace(/eaux$/, "eau").replace(/aux$/, "a").replace(/[sx]$/, "");
  const stop = new Set(STOP_WORDS.map(fold));
  const Token = lunr.Token;
  lunr.Token = function (text, metadata) { Token.call(this, fold(text || ""), metadata); };
  lunr.Token.prototype = Token.prototype;
  let stems = [], options = [];
  self.frenchQuery = (query) => {
    const words = fold(query).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    const useful = words.filter((word) => word.length > 1 && !stop.has(word));
    const kept = useful.length ? useful : words;
    stems = kept.map(stem);
    options = fold(query).split(/\s+/).filter((typed) => /^-+\p{L}/u.test(typed));
    return kept.flatMap((word, index) => {
      const root = stem(word);
      const whole = [...new Set([word, root, root + "s"])].map((form) => form + "^10");
      return word.length < 4 && index < kept.length - 1 ? whole : [...whole, root];
    }).join(" ");
  };
  self.frenchShare = (page, found) => {
    const had = stems.filter((stem) => found.some((word) => word.startsWith(stem))).length;
    const written = fold(page.title + " " + page.text);
    const typed = options.filter((option) => written.includes(option)).length;
    const share = 1e6 ** ((had + typed) / (stems.length + options.length));
    return /^(quiz|a retenir|s.exercer)$/.test(fold(page.title)) ? share / 100 : share;
  };
})();
"""


def teach_french(site: Path) -> None:
    """Patch the search worker of a built site; raises `RuntimeError` when the theme changed."""
    (worker,) = site.glob("assets/javascripts/workers/search.*.min.js")
    code = worker.read_text()
    french = FRENCH.replace("STOP_WORDS", json.dumps(STOP_WORDS.split())).strip()
    for anchor, replacement in (
        ('addEventListener("message",', french + 'addEventListener("message",'),
        ("search(e){if(e=e.replace(", "search(e){if(e=self.frenchQuery(e).replace("),
        (
            "score:a*(1+K(g,2))",
            "score:a*(1+K(g,2))*self.frenchShare(this.map.get(o),Object.keys(u.metadata))",
        ),
    ):
        if code.count(anchor) != 1:
            raise RuntimeError(f"Material's search worker is no longer what it was: {anchor}")
        code = code.replace(anchor, replacement)
    worker.write_text(code)
