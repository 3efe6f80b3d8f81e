"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];

  // A page out of a file may have no storage; then the theme lasts as long as the page.
  const store = (() => {
    try {
      return globalThis.localStorage;
    } catch {
      return undefined;
    }
  })();
  const theme = byId("theme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";
  const nameTheme = () => {
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", `${theme.textContent} theme`);
  };
  const kept = store?.getItem("theme");
  if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    store?.setItem("theme", root.dataset.theme);
    nameTheme();
  });
  prefersDark.addEventListener("change", nameTheme);
  nameTheme();
  theme.hidden = false;

  const controls = byId("controls");
  if (controls === null) return;
  const filter = byId("filter");
  const least = byId("least");
  const unseen = byId("unseen");
  const unfold = byId("unfold");
  const textOf = (element) => element.textContent.toLowerCase();

  const proofs = new Map(
    all("details.evidence").map((element) => [element.dataset.anchor, {
      element,
      best: Number(element.dataset.best),
      head: textOf(element.querySelector("summary")),
      text: textOf(element),
      rows: [...element.querySelectorAll("tbody tr")].map((row) => ({
        row,
        confidence: Number(row.dataset.confidence),
        text: textOf(row),
      })),
    }]),
  );
  const cells = all("details.cell").map((element) => ({
    element,
    best: Number(element.dataset.best),
    tactic: element.closest(".tactic"),
    text: textOf(element) + textOf(element.closest(".tactic").querySelector("h3")),
    proof: proofs.get(element.dataset.evidence),
  }));
  const rows = all(".tables tbody tr").map((row) => ({
    row,
    best: Number(row.dataset.best ?? 1),
    text: textOf(row),
  }));

  // A rule without a row that fits is not shown either.
  const groups = all(".proof tbody").filter((body) => body.querySelector("tr[data-confidence]"));

  const apply = () => {
    const wanted = filter.value.trim().toLowerCase();
    const floor = Number(least.value);
    const shown = new Set();
    for (const { element, best, text, proof } of cells) {
      const fits = best >= floor &&
        (text.includes(wanted) || (proof?.text.includes(wanted) ?? false));
      element.hidden = !fits;
      if (fits) shown.add(element);
      if (proof === undefined) continue;
      proof.element.hidden = !fits;
      // A search for a technique shows all its evidence, one for a command that evidence alone.
      const whole = text.includes(wanted) || proof.head.includes(wanted);
      for (const one of proof.rows) {
        one.row.hidden = one.confidence < floor || !(whole || one.text.includes(wanted));
      }
    }
    for (const group of groups) {
      group.hidden = [...group.querySelectorAll("tr[data-confidence]")].every((row) => row.hidden);
    }
    for (const { row, best, text } of rows) row.hidden = best < floor || !text.includes(wanted);
    byId("found").textContent = wanted === "" && floor === 0
      ? ""
      : `${shown.size} of ${cells.length} cells`;
  };
  filter.addEventListener("input", apply);
  least.addEventListener("change", apply);
  controls.addEventListener("submit", (event) => event.preventDefault());
  unseen.addEventListener("change", () => {
    for (const element of all("details.unseen")) element.open = unseen.checked;
  });
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    unfold.setAttribute("aria-pressed", String(open));
    unfold.textContent = open ? "Fold all" : "Unfold all";
    for (const element of all("details.cell, details.evidence")) element.open = open;
  });

  // A rule, attacker or decky of the tables is shown by its evidence.
  for (const link of all("a[data-filter]")) {
    link.addEventListener("click", () => {
      filter.value = link.dataset.filter;
      apply();
      for (const { element } of proofs.values()) element.open = !element.hidden;
    });
  }

  // A link to evidence opens what it is folded into, wherever the browser does not.
  const reveal = () => {
    const target = location.hash.length > 1
      ? byId(decodeURIComponent(location.hash.slice(1)))
      : null;
    const fold = target?.closest("details.evidence");
    if (!fold) return;
    fold.open = true;
    target.scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#e-"]');
    if (link && link.hash === location.hash) reveal();
  });
  reveal();

  // Arrows walk the matrix: up and down in a tactic, left and right between tactics.
  const summaries = (
    tactic,
  ) => [...tactic.querySelectorAll("details.cell:not([hidden]) > summary")];
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const isTyping = event.target.matches?.("input, select, textarea");
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      filter.focus();
      return;
    }
    if (event.key === "Escape" && event.target === filter) {
      filter.value = "";
      apply();
      return;
    }
    const summary = event.target.closest?.("details.cell > summary");
    if (!summary || !event.key.startsWith("Arrow")) return;
    const tactics = all(".tactic").filter((tactic) => summaries(tactic).length > 0);
    const column = tactics.indexOf(summary.closest(".tactic"));
    const row = summaries(tactics[column]).indexOf(summary);
    const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const [across, down] = steps[event.key];
    const next = tactics[column + across];
    if (next === undefined) return;
    const column2 = summaries(next);
    const target = column2[across === 0 ? row + down : Math.min(row, column2.length - 1)];
    if (target === undefined) return;
    event.preventDefault();
    target.focus();
  });

  controls.hidden = false;
})();
