// The archive explorer: what `archives.js` reads, shown. Nothing leaves the browser, and nothing of
// what an archive says is ever read as HTML.
(() => {
  "use strict";
  const { explore, files, part, french, plural, shown, octets, get, readable } = window.atelierArchives;
  const LISTED = 100, READ = 4096;
  const root = document.getElementById("explorateur");
  if (!root) return;
  const find = (name) => root.querySelector(`.explorateur-${name}`);
  const field = root.querySelector("input[type=file]");
  const status = find("etat"), advance = find("avancement"), result = find("resultat");
  const bar = advance.querySelector("progress"), saying = advance.querySelector("p");
  let stop = null;   // cancels the reading under way

  // --- words, those of checks/report/inspection.py ---

  const NATURES = {
    "legacy": "Archive d'images de `docker save`, dans la disposition d'avant Docker 25.",
    "oci-layout": "Archive d'images de `docker save`, dans la disposition OCI (Docker 25 et plus).",
    "podman": "Archive d'images au format de `docker save`, écrite par Podman ou skopeo.",
    "oci-only": "Archive d'images OCI, sans `manifest.json` : seuls Podman et les Docker au magasin containerd la chargent.",
    "openpgp": "Message chiffré par OpenPGP (`gpg`).",
    "openssl": "Fichier chiffré par `openssl enc`.",
    "age": "Fichier chiffré par `age`.",
  };
  const MEANINGS = {
    "archive-tronquee": "Copie ou téléchargement interrompu, disque plein : refaites la copie, puis comparez les empreintes.",
    "compression-tronquee": "Copie ou téléchargement interrompu : refaites la copie.",
    "compression-abimee": "Un octet au moins a changé en route, ou ce gzip est fait de plusieurs morceaux, dont le navigateur ne lit que le premier. `gzip -t` tranche : s'il ne dit rien, décompressez le fichier, puis déposez le résultat.",
    "entete-invalide": "Un octet au moins a changé en route, ou le fichier a été forgé.",
    "donnees-apres-la-fin": "`cat a.tar b.tar` ne fait pas une archive de deux images : `docker save` accepte plusieurs noms.",
    "couche-alteree": "Un moteur qui a déjà cette couche ne la relira pas, et ne dira rien ; un autre refusera l'archive, ou créera une image qui ne démarre pas.",
    "couche-abimee": "Un moteur qui a déjà cette couche ne la relira pas, et ne dira rien.",
    "config-alteree": "`docker load` l'acceptera sans rien dire : c'est une autre image.",
    "blob-altere": "Aucun moteur ne le vérifie avant de s'en servir.",
    "blob-absent": "L'image est incomplète : téléchargez-la de nouveau, puis sauvegardez-la.",
    "deux-images": "Les moteurs lisent l'un ou l'autre fichier : ils ne verraient pas la même image.",
    "cle-json-en-double": "Les moteurs gardent la dernière valeur, d'autres outils la première.",
    "membre-en-double": "Les moteurs et les outils ne lisent pas tous la même des deux.",
    "nom-evade": "Extraite sans précaution, cette entrée écrirait ailleurs que prévu.",
    "couches-permutees": "Les fichiers d'une couche y cacheraient ceux d'une autre.",
    "variante-absente": "C'est normal : seule la plateforme demandée avait été téléchargée.",
    "compression-multiple": "Décompressez-la une fois avant de la charger.",
    "octets-superflus": "Sans effet sur le chargement.",
    "fin-incomplete": "Sans effet sur le chargement.",
    "bombe": "Un fichier de quelques octets peut ainsi remplir un disque.",
    "partie-seule": "Choisissez ou déposez toutes les parties en même temps.",
  };
  const KEPT = [["Entrypoint", "ENTRYPOINT"], ["Cmd", "CMD"], ["Env", "ENV"], ["ExposedPorts", "EXPOSE"], ["Volumes", "VOLUME"],
    ["WorkingDir", "WORKDIR"], ["User", "USER"], ["Labels", "LABEL"], ["Healthcheck", "HEALTHCHECK"], ["StopSignal", "STOPSIGNAL"]];
  const UNPACK = { xz: "xz -dk", bzip2: "bzip2 -dk", zstd: "zstd -d" };
  const listing = (items) => items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} et ${items[items.length - 1]}`;
  const full = (value) => value !== null && value !== undefined && value !== false && value !== "" && value !== 0 &&
    !(typeof value === "object" && !Object.keys(value).length);
  const share = (one, all) => all ? `${Math.round(100 * one / all)}\u00a0%` : "";

  function instruction(line) {
    let text = String(line.created_by || line.comment || "(sans explication)").split(/\s+/).filter(Boolean).join(" ");
    text = text.replace(/# buildkit$/, "").trim().replace(/^\|\d+ (?:\S+=\S* )*(?=\/bin\/)/, "");
    const nop = /^\/bin\/sh -c #\(nop\) ?/.exec(text);
    if (nop) text = text.slice(nop[0].length);
    else if (text.startsWith("/bin/sh -c ")) text = "RUN " + text.slice(11);
    else text = text.replace("RUN /bin/sh -c ", "RUN ");
    return shown(text.trim().replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1…"));
  }

  // --- elements ---

  function h(tag, options = {}, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(options)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }
  // A sentence whose `words` between backticks are code.
  const rich = (sentence) => french(sentence).split("`").map((text, index) => index % 2 ? h("code", {}, text) : text);
  const fold = (summary, fill, name = "") => {
    const details = h("details", { class: `explorateur-repli ${name}` }, h("summary", {}, summary));
    details.addEventListener("toggle", () => {
      if (details.open && details.childElementCount === 1) details.append(...[fill()].flat());
    });
    return details;
  };
  // A table that scrolls by itself when it is too wide, and can be reached with the keyboard.
  const table = (caption, heads, rows) => h("div", { class: "explorateur-table", role: "group", tabindex: "0", "aria-label": caption },
    h("table", { class: "explorateur-liste" }, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell)))))));

  // --- the file as a whole ---

  function sentence(archive) {
    let text;
    if (archive.unreadable) text = "Fichier compressé.";
    else if (archive.kind === "rootfs") {
      const count = [...archive.members.values()].filter((member) => member.type === "file").length;
      text = `Système de fichiers d'un conteneur (\`docker export\`) : ${plural(count, "fichier")}, ni couches, ni configuration. \`docker import\` en fait une image d'une seule couche.`;
    } else if (archive.kind === "part") text = "Partie d'un fichier découpé.";
    else if (archive.kind === "unknown" && archive.detail !== "truncated") text = "Ce fichier n'est pas une archive d'images.";
    else text = NATURES[archive.detail] || "Ce qui reste d'une archive.";
    if (archive.compression.length) {
      text += ` Compression : ${archive.compression.join(", puis ")}`;
      if (archive.contentSize && !archive.unreadable) text += ` (${octets(archive.contentSize)} une fois décompressée)`;
      text += ".";
    }
    if (archive.images.length > 1) text += ` Elle contient ${archive.images.length} images.`;
    return text;
  }

  function verdict(archive) {
    const lines = [];
    const line = (kind, sign, word, text, meaning) => lines.push(h("li", { class: `explorateur-${kind}` },
      h("span", { class: "explorateur-signe", "aria-hidden": "true" }, sign), h("span", { class: "explorateur-cache" }, word + "\u00a0: "),
      rich(text), meaning ? h("span", { class: "explorateur-sens" }, rich(meaning)) : ""));
    const images = ["docker-save", "oci"].includes(archive.kind);
    const blind = [...new Set(archive.images.flatMap((image) => image.layers.map((layer) => layer.unreadable)).filter(Boolean))];
    if (archive.unreadable) {
      line("erreur", "✘", "Illisible ici", `Les navigateurs ne savent pas décompresser ${archive.unreadable}. Dans un terminal, \`${UNPACK[archive.unreadable]} ${shown(archive.name) || "FICHIER"}\`, puis déposez ici le fichier obtenu. \`./atelier inspecter\`, lui, lit cette compression.`);
    } else if (archive.valid && images) {
      if (!archive.verify) line("bien", "✔", "Bien", "Structure correcte ; les empreintes n'ont pas été vérifiées.");
      else if (!blind.length) line("bien", "✔", "Bien", "Complète et intacte : toutes les empreintes ont été recalculées.");
      else line("bien", "✔", "Bien", "Structure correcte, et les fichiers de l'archive ont l'empreinte que leur nom annonce.");
    } else if (archive.valid && archive.kind === "rootfs") {
      line("bien", "✔", "Bien", "L'archive se lit jusqu'au bout. Un export ne contient aucune empreinte à vérifier.");
    }
    for (const problem of archive.problems) {
      const wrong = problem.severity === "error";
      const message = problem.message.replace(/\s: donnez toutes les parties, dans une même commande/, "");
      line(wrong ? "erreur" : "avis", wrong ? "✘" : "⚠", wrong ? "Erreur" : "Avertissement", message, MEANINGS[problem.code]);
    }
    if (blind.length) {
      line("avis", "⚠", "Avertissement", `Des couches sont compressées par ${blind.join(" et ")}, que ce navigateur ne décompresse pas : leurs fichiers ne sont pas listés, leur contenu n'est pas vérifié. \`./atelier inspecter\` les lit.`);
    }
    if (archive.tooMany) line("avis", "⚠", "Avertissement", "L'archive compte plus de 400 000 fichiers : la liste s'arrête là, pour ménager votre navigateur.");
    return h("ul", { class: "explorateur-verdict" }, lines);
  }

  // --- an image ---

  function image(archive, one, index) {
    const names = one.tags.map(shown).join(", ") || "sans nom";
    const platform = [one.os, one.architecture, one.variant].filter(Boolean).map(shown).join("/") || "plateforme inconnue";
    const merged = files(one, archive.tooMany);
    const hidden = merged ? merged.hidden.filter((file) => file.type === "file") : [];
    const lost = new Map();
    for (const file of hidden) lost.set(file.layer, (lost.get(file.layer) || 0) + file.size);
    const wasted = hidden.reduce((sum, file) => sum + file.size, 0);
    const sizes = one.layers.map((layer) => layer.contentSize ?? layer.size);
    const total = sizes.reduce((sum, size) => sum + size, 0), largest = Math.max(0, ...sizes);
    const gone = hidden.filter((file) => !file.replaced), older = hidden.filter((file) => file.replaced);
    const left = KEPT.filter(([key]) => full(get(one.config, "config", key))).map(([key, name]) => {
      const value = get(one.config, "config", key);
      return value !== null && typeof value === "object" && !Array.isArray(value) ? `${name} (${Object.keys(value).length})` : name;
    });
    if (one.history.length) left.push(`l'historique (${plural(one.history.length, "ligne")})`);
    if (one.diffIds.length > 1) left.push(`la séparation en ${one.diffIds.length} couches`);
    const title = `explorateur-image-${index}`;
    return h("section", { class: "explorateur-image", "aria-labelledby": title },
      h("h3", { id: title }, "Image ", h("span", { class: "explorateur-nom" }, names)),
      h("p", { class: "explorateur-faits" }, h("span", {}, platform), h("span", {}, plural(one.diffIds.length, "couche")),
        h("span", {}, octets(total)), merged ? h("span", { class: wasted ? "explorateur-perte" : "" }, wasted
          ? `${octets(wasted)} perdus (${share(wasted, total)})` : "aucun octet perdu") : ""),
      h("p", { class: "explorateur-empreinte" }, "Configuration ", one.digest ? h("code", {}, one.digest) : "absente"),
      layers(archive, one, largest, lost),
      still(archive, one, gone, "Effacés par une couche, toujours dans l'archive",
        "Un conteneur ne les voit plus ; qui ouvre l'archive les lit."),
      still(archive, one, older, "Remplacés par une couche suivante, toujours dans l'archive",
        "L'ancienne version voyage avec la nouvelle."),
      merged || !one.present ? "" : h("p", {}, "Les fichiers effacés n’ont pas pu être cherchés : une couche au moins ne se laisse pas lire jusqu’au bout."),
      left.length ? h("p", {}, rich(`\`docker export\` perdrait : ${listing(left)}.`)) : "",
      fold("Configuration", () => h("pre", {}, h("code", { tabindex: "0" }, text(one.config)))));
  }

  const text = (value) => {
    const all = JSON.stringify(value, null, 2);
    return all.length > 20_000 ? all.slice(0, 20_000) + "\n…" : all;
  };

  // One line for each instruction; those that made a layer have a bar to scale, and their files.
  function layers(archive, one, largest, lost) {
    const byNumber = new Map(one.layers.map((layer, index) => [layer.number, [layer, index]]));
    const filled = one.history.filter((line) => !line.empty_layer).length;
    const lines = [...one.history, ...Array(Math.max(0, one.layerMembers.length - filled)).fill({})];
    let number = 0;
    const items = lines.map((line) => {
      const words = h("code", { class: "explorateur-instruction" }, instruction(line));
      if (line.empty_layer) return h("li", { class: "explorateur-sans-couche" }, words);
      if (number >= one.layerMembers.length) return "";
      const [layer, index] = byNumber.get(number++) || [];
      const label = h("strong", {}, `Couche ${number}`);
      if (!layer) return h("li", {}, label, " ", words, h("p", { class: "explorateur-poids" }, "absente"));
      const size = layer.contentSize ?? layer.size, wasted = lost.get(index) || 0;
      const width = (value) => `${largest ? Math.max(value ? 0.4 : 0, 100 * value / largest).toFixed(2) : 0}%`;
      const stripe = h("span", { class: "explorateur-barre", "aria-hidden": "true" },
        h("span", { class: "explorateur-garde", style: `width:${width(Math.max(0, size - wasted))}` }),
        h("span", { class: "explorateur-perdu", style: `width:${width(Math.min(size, wasted))}` }));
      const weight = layer.compression && layer.contentSize !== null
        ? `${octets(size)}, compressée en ${octets(layer.size)} (${layer.compression})`
        : layer.compression ? `${octets(layer.size)} sous ${layer.compression}` : octets(size);
      return h("li", {}, label, " ", words, stripe, h("p", { class: "explorateur-poids" },
        [weight, contents(layer), wasted ? `${octets(wasted)} perdus` : ""].filter(Boolean).join(" · ")),
      layer.entries && layer.entries.length ? fold("Ses fichiers", () => entries(layer)) : "");
    });
    return h("ol", { class: "explorateur-couches", "aria-label": "Couches, de la base au sommet" }, items);
  }

  function contents(layer) {
    if (!layer.entries) return "";
    let regular = 0, links = 0, deleted = 0;
    for (const entry of layer.entries) {
      if (base(entry.name).startsWith(".wh.")) deleted++;
      else if (["symlink", "hardlink"].includes(entry.type)) links++;
      else if (entry.type !== "directory") regular++;
    }
    const parts = [regular && plural(regular, "fichier"), links && plural(links, "lien"), deleted && plural(deleted, "suppression")].filter(Boolean);
    return parts.join(", ") || "aucun fichier";
  }

  const base = (name) => name.slice(name.lastIndexOf("/") + 1);

  function entries(layer) {
    const rows = layer.entries.filter((entry) => entry.type !== "directory");
    const what = (entry) => {
      const name = base(entry.name), folder = entry.name.slice(0, entry.name.length - name.length);
      if (name === ".wh..wh..opq") return ["tout ce que contenait", folder || "/", "suppression"];
      if (name.startsWith(".wh.")) return ["", folder + name.slice(4), "suppression"];
      if (entry.linkname) return ["", `${entry.name} → ${entry.linkname}`, "lien"];
      return ["", entry.name, octets(entry.size)];
    };
    const first = [...rows].sort((a, b) => b.size - a.size).slice(0, LISTED);
    return [
      table("Fichiers de la couche", ["Fichier", "Taille"], first.map((entry) => {
        const [before, name, size] = what(entry);
        return [[before ? before + " " : "", h("code", { class: size === "suppression" ? "explorateur-efface" : null }, shown(name))], size];
      })),
      rows.length > LISTED ? h("p", { class: "explorateur-poids" }, `Les ${LISTED} plus gros ; ${rows.length - LISTED} autres ne sont pas montrés.`) : "",
      rows.length ? "" : h("p", { class: "explorateur-poids" }, "Des dossiers seulement."),
    ].filter(Boolean);
  }

  // Files that no container sees any more, and that the archive still holds.
  function still(archive, one, found, title, meaning) {
    if (!found.length) return "";
    const size = found.reduce((sum, file) => sum + file.size, 0);
    const first = [...found].sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1)).slice(0, LISTED);
    return h("div", { class: "explorateur-restes" },
      h("h4", {}, french(`${title} (${octets(size)})`)), h("p", {}, french(meaning)),
      table(french(title), ["Fichier", "Taille", "Mis par", "Retiré par"], first.map((file) => [
        [h("code", { class: "explorateur-efface" }, shown(file.path)), h("br"), peephole(archive, one, file)], octets(file.size), `couche ${file.layer + 1}`, `couche ${file.by + 1}`,
      ])),
      found.length > LISTED ? h("p", { class: "explorateur-poids" }, `Les ${LISTED} plus gros ; ${found.length - LISTED} autres ne sont pas montrés.`) : "");
  }

  // The first bytes of a file that was deleted, where they lie uncompressed.
  function peephole(archive, one, file) {
    const layer = one.layers[file.layer];
    if (archive.streamed || layer.compression || !file.size) return file.size ? "sous la compression" : "vide";
    const button = h("button", { type: "button", class: "explorateur-lien", "aria-label": `Lire ${shown(file.path)}` }, "Lire");
    button.addEventListener("click", async () => {
      let said;
      try {
        const from = layer.offset + file.offset;
        const data = new Uint8Array(await archive.source.blob.slice(from, from + Math.min(file.size, READ)).arrayBuffer());
        const decoded = new TextDecoder().decode(data);
        const binary = /[\u0000-\u0008\u000e-\u001f]/.test(decoded);
        said = binary ? "Ce n’est pas du texte." : h("pre", {}, h("code", { tabindex: "0" },
          decoded + (file.size > READ ? "\n…" : "")));
      } catch {
        said = "Le fichier n’est plus lisible.";
      }
      const row = button.closest("tr"), cell = h("td", { colspan: row.cells.length, tabindex: "-1" }, said);
      row.after(h("tr", { class: "explorateur-contenu" }, cell));
      button.replaceWith("ci-dessous");
      cell.focus();
    });
    return button;
  }

  // --- the files of a container ---

  function fileSystem(archive) {
    const regular = [...archive.members.values()].filter((member) => member.type === "file");
    const folders = new Map();
    for (const file of regular) {
      const top = file.name.includes("/") ? file.name.slice(0, file.name.indexOf("/")) + "/" : file.name;
      folders.set(top, (folders.get(top) || 0) + file.size);
    }
    const total = regular.reduce((sum, file) => sum + file.size, 0);
    const sorted = [...folders].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 20), largest = Math.max(1, ...folders.values());
    return h("section", { class: "explorateur-image", "aria-labelledby": "explorateur-systeme" },
      h("h3", { id: "explorateur-systeme" }, "Les fichiers du conteneur"),
      h("p", { class: "explorateur-faits" }, h("span", {}, plural(regular.length, "fichier")), h("span", {}, octets(total))),
      h("ol", { class: "explorateur-couches", "aria-label": "Dossiers, du plus lourd au plus léger" }, sorted.map(([name, size]) => h("li", {},
        h("code", { class: "explorateur-instruction" }, "/" + shown(name)),
        h("span", { class: "explorateur-barre", "aria-hidden": "true" }, h("span", { class: "explorateur-garde", style: `width:${(100 * size / largest).toFixed(2)}%` })),
        h("p", { class: "explorateur-poids" }, `${octets(size)} · ${share(size, total) || "vide"}`)))),
      fold("Les plus gros fichiers", () => entries({ entries: regular })));
  }

  // --- one reading ---

  function render(archive) {
    const images = ["docker-save", "oci"].includes(archive.kind);
    const verify = h("button", { type: "button", class: "md-button", onclick: () => run(archive.source.blob, archive.name, true) }, "Recalculer toutes les empreintes");
    const title = h("h2", { id: "explorateur-titre", tabindex: "-1" }, shown(archive.name) || "Archive", h("span", { class: "explorateur-poids" }, ` ${octets(archive.size)}`));
    result.replaceChildren(title, h("p", {}, rich(sentence(archive))), verdict(archive),
      images && !archive.verify && archive.images.length ? h("p", {}, verify) : "",
      ...archive.images.slice(0, 20).map((one, index) => image(archive, one, index)),
      archive.images.length > 20 ? h("p", {}, `Et ${archive.images.length - 20} autres images.`) : "",
      archive.kind === "rootfs" ? fileSystem(archive) : "");
    result.hidden = false;
    title.focus({ preventScroll: true });
    result.scrollIntoView({ block: "start" });
    const wrong = archive.problems.filter((problem) => problem.severity === "error").length;
    const verdictWords = archive.unreadable ? "ce navigateur ne sait pas la décompresser"
      : wrong ? plural(wrong, "erreur") : archive.verify ? "empreintes vérifiées" : "aucune erreur de structure";
    say(images ? `Lecture terminée : ${plural(archive.images.length, "image")}, ${verdictWords}.` : `Lecture terminée : ${verdictWords}.`);
  }

  const say = (words) => { status.textContent = french(words); };

  async function run(blob, name, verify = false) {
    if (stop) stop.abort();
    const own = stop = new AbortController();
    result.hidden = true;
    result.replaceChildren();
    say("Lecture en cours.");
    bar.removeAttribute("value");
    saying.textContent = "";
    const patience = setTimeout(() => { if (stop === own) advance.hidden = false; }, 150);
    let drawn = 0;
    const progress = (label, done, total) => {
      const now = performance.now();
      if (now - drawn < 100 || stop !== own) return;
      drawn = now;
      bar.max = total || 1;
      bar.value = Math.min(done, total);
      saying.textContent = `${label}\u00a0: ${octets(done)} sur ${octets(total)}`;
    };
    try {
      const archive = await explore(blob, { name, verify, signal: own.signal, progress });
      if (stop === own) render(archive);
    } catch {
      if (stop !== own) return;
      if (own.signal.aborted) { say("Lecture annulée."); field.focus(); }
      else say("Le navigateur n'a pas pu lire ce fichier jusqu'au bout : il a été déplacé, modifié ou effacé pendant la lecture, ou bien c'est un dossier. Choisissez-le de nouveau.");
    } finally {
      clearTimeout(patience);
      if (stop === own) { stop = null; advance.hidden = true; }
    }
  }

  // One file, or all the parts of a file that `split` cut.
  function take(list) {
    const given = [...list];
    if (!given.length) return;
    if (given.length === 1) { run(given[0], given[0].name); return; }
    const cut = given.map((file) => part(file.name));
    if (cut.every((one) => one && one[0] === cut[0][0])) {
      given.sort((a, b) => a.name < b.name ? -1 : 1);
      run(new Blob(given), cut[0][0].replace(/[-_.]$/, ""));
    } else say("Un fichier à la fois, ou toutes les parties d'un même fichier découpé : ceux-ci n'ont pas le même nom.");
  }

  field.addEventListener("change", () => { take(field.files); field.value = ""; });
  advance.querySelector("button").addEventListener("click", () => { if (stop) stop.abort(); });
  const zone = find("depot");
  let inside = 0;
  const carries = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  // Anywhere on the page: a file dropped beside the frame must not replace the page.
  addEventListener("dragenter", (event) => { if (carries(event)) { inside++; zone.classList.add("survol"); } });
  addEventListener("dragleave", (event) => { if (carries(event) && --inside <= 0) { inside = 0; zone.classList.remove("survol"); } });
  addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    inside = 0;
    zone.classList.remove("survol");
    const entry = event.dataTransfer.items[0]?.webkitGetAsEntry?.();
    if (entry && entry.isDirectory) say("C'est un dossier. Faites-en d'abord une archive, ou déposez le fichier qu'a écrit `docker save`.".replace(/`/g, ""));
    else take(event.dataTransfer.files);
  });

  const example = document.getElementById("explorateur-exemple-donnees");
  const trial = find("exemple");
  if (example && trial && readable("gzip")) {
    trial.addEventListener("click", async () => {
      const packed = Uint8Array.from(atob(example.textContent.trim()), (char) => char.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      run(await new Response(stream).blob(), example.dataset.name);
    });
  }

  root.hidden = false;
})();
