// Quizzes, progress: everything stays in this browser, and everything can be read without it.
(() => {
  "use strict";
  const KEY = "atelier-images-docker";
  document.documentElement.classList.add("js");

  const read = () => {
    try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; }
  };
  const write = (state) => {
    try { localStorage.setItem(KEY, JSON.stringify(state)); } catch { /* private window */ }
  };

  // --- quizzes: the comment of a chosen answer appears at once ---

  function answer(form, save) {
    const rows = [...form.querySelectorAll(".quiz-choix")];
    const chosen = rows.filter((row) => row.querySelector("input").checked);
    const several = form.querySelector("input[type=checkbox]") !== null;
    const judged = rows[0].dataset.verdict !== "";
    for (const row of rows) {
      row.classList.toggle("montre", judged && chosen.includes(row));
      const comment = row.querySelector(".quiz-commentaire");
      const input = row.querySelector("input");
      if (comment && chosen.includes(row)) input.setAttribute("aria-describedby", comment.id);
      else input.removeAttribute("aria-describedby");
    }
    const summary = form.querySelector(".quiz-bilan");
    const wanted = rows.filter((row) => row.dataset.verdict === "vrai");
    const right = chosen.filter((row) => row.dataset.verdict === "vrai").length;
    const wrong = chosen.length - right;
    if (!judged) summary.textContent = chosen.length ? "Pari noté. L’expérience est juste dessous." : "";
    else if (!chosen.length) summary.textContent = "";
    else if (!wrong && right === wanted.length) summary.textContent = several ? "Tout y est." : "";
    else if (several && !wrong) summary.textContent = "Il manque au moins une réponse.";
    else summary.textContent = several ? "Une réponse au moins est de trop." : "";
    if (!save) return;
    const state = read();
    state.quiz = state.quiz || {};
    state.quiz[form.dataset.question] = chosen.map((row) => Number(row.querySelector("input").value));
    write(state);
  }

  function quizzes() {
    const kept = read().quiz || {};
    for (const form of document.querySelectorAll(".quiz-question")) {
      if (form.dataset.ready) continue;
      form.dataset.ready = "1";
      form.addEventListener("submit", (event) => event.preventDefault());
      form.addEventListener("change", () => answer(form, true));
      for (const value of kept[form.dataset.question] || []) {
        const input = form.querySelector(`input[value="${Number(value)}"]`);
        if (input) input.checked = true;
      }
      answer(form, false);
    }
  }

  // --- progress: missions ticked here, or read from the workshop that serves this page ---

  function missions() {
    const done = new Set(read().missions || []);
    for (const card of document.querySelectorAll(".mission[data-exercice]")) {
      const id = card.dataset.exercice;
      const title = card.previousElementSibling;
      if (title) title.classList.toggle("fait", done.has(id));
      const shown = card.querySelector(".mission-fait input");
      if (shown) { shown.checked = done.has(id); continue; }
      const label = document.createElement("label");
      label.className = "mission-fait";
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = done.has(id);
      label.append(box, " J’ai réussi cette mission");
      box.addEventListener("change", () => {
        const state = read();
        const all = new Set(state.missions || []);
        if (box.checked) all.add(id); else all.delete(id);
        state.missions = [...all].sort();
        write(state);
        if (title) title.classList.toggle("fait", box.checked);
      });
      const line = document.createElement("p");
      line.append(label);
      card.append(line);
    }
  }

  function road() {
    const done = new Set(read().missions || []);
    for (const step of document.querySelectorAll(".etape[data-exercices]")) {
      const ids = step.dataset.exercices.split(" ").filter(Boolean);
      const line = step.querySelector(".etape-progres");
      if (!ids.length || !line) continue;
      const count = ids.filter((id) => done.has(id)).length;
      const bar = document.createElement("progress");
      const text = `${count} mission${count > 1 ? "s" : ""} réussie${count > 1 ? "s" : ""} sur ${ids.length}`;
      bar.max = ids.length;
      bar.value = count;
      bar.setAttribute("aria-label", text);
      line.replaceChildren(text, bar);
      line.hidden = false;
    }
    const route = document.querySelector("ol.route");
    if (!route || document.querySelector(".progression-outils")) return;
    const tools = document.createElement("p");
    tools.className = "progression-outils";
    const erase = document.createElement("button");
    erase.type = "button";
    erase.textContent = "Effacer ma progression et mes réponses";
    erase.addEventListener("click", () => {
      try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ }
      road();
      erase.textContent = "C’est effacé";
    });
    tools.append("Votre progression reste dans ce navigateur, nulle part ailleurs. ", erase);
    route.after(tools);
  }

  // Only the workshop's own server has this address: a published site never asks.
  async function fromWorkshop() {
    const base = document.querySelector('script[src$="assets/javascripts/atelier.js"]');
    if (!["localhost", "127.0.0.1"].includes(location.hostname) || !base) return;
    try {
      const answered = await fetch(new URL("../../progression.json", base.src));
      if (!answered.ok) return;
      const progress = await answered.json();
      const state = read();
      state.missions = [...new Set([...(state.missions || []), ...progress.missions])].sort();
      write(state);
      road();
      missions();
    } catch { /* not the workshop */ }
  }

  function start() {
    quizzes();
    missions();
    road();
    fromWorkshop();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
