// The only script of the hub's page: « Copier ». Without it, one selects and copies.
for (const button of document.querySelectorAll("button.copier")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copie);
    button.textContent = "Copié";
    setTimeout(() => { button.textContent = "Copier"; }, 2000);
  });
}
