// Runs before the first paint: the chosen theme, else the system's.
(() => {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("siach-theme"); } catch { return null; } };
  const show = () => { root.dataset.theme = chosen() || (dark.matches ? "dark" : "light"); };
  show();
  dark.addEventListener("change", show);
  addEventListener("storage", e => { if (e.key === "siach-theme") show(); });
  addEventListener("click", e => {
    if (!e.target.closest("[data-theme-toggle]")) return;
    const next = root.dataset.theme === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    try { localStorage.setItem("siach-theme", next); } catch { /* a private window forgets the choice */ }
  });
})();
