// Quizzes, progress: everything stays in this browser, and everything can be read without it.
(() => {
  "use strict";
  const KEY = "atelier-images-docker";
  document.documentElement.classList.add("js");

  // What is kept, or nothing where it is not what we wrote: { missions: [id], quiz: { question: [choice] } }.
  const read = () => {
    let kept;
    try { kept = JSON.parse(localStorage.getItem(KEY)); } catch { /* nothing, or not ours */ }
    const quiz = Object.entries(kept?.quiz || {}).filter(([, chosen]) => Array.isArray(chosen));
    return { missions: Array.isArray(kept?.missions) ? kept.missions : [], quiz: Object.fromEntries(quiz) };
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
    state.quiz[form.dataset.question] = chosen.map((row) => Number(row.querySelector("input").value));
    write(state);
  }

  function quizzes() {
    const kept = read().quiz;
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

  // --- progress: missions ticked here, or those of the workshop that serves this page ---

  let proved = null;   // the workshop's list, when it serves the page: nothing is ticked by hand
  const passed = () => new Set(proved || read().missions);

  function missions() {
    const done = passed();
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
      box.disabled = proved !== null;
      label.append(box, " J’ai réussi cette mission");
      box.addEventListener("change", () => {
        const state = read();
        const all = new Set(state.missions);
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
    const done = passed();
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
    erase.textContent = proved ? "Effacer mes réponses aux quiz" : "Effacer ma progression et mes réponses";
    erase.addEventListener("click", () => {
      if (proved) write({ ...read(), quiz: {} });
      else try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ }
      road();
      erase.textContent = "C’est effacé";
    });
    tools.append(proved ? "Ces missions sont celles que votre atelier a vérifiées. "
      : "Votre progression reste dans ce navigateur, nulle part ailleurs. ", erase);
    route.after(tools);
  }

  // The workshop's own server marks the pages it serves: a published site never asks.
  async function fromWorkshop() {
    const [page] = performance.getEntriesByType("navigation");
    if (!page?.serverTiming?.some((mark) => mark.name === "atelier")) return;
    try {
      proved = (await (await fetch("/progression.json")).json()).missions;
    } catch { /* it has stopped since */ }
  }

  async function start() {
    quizzes();
    await fromWorkshop();
    missions();
    road();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
