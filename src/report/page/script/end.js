// What is chosen, and the first drawing.
function tellChosen() {
  const names = [...chosen].map(track => D.track_names[track]);
  const parts = [names.length ? names.slice(0, 3).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "") : `all ${whole.format(D.labels.length)} labels`];
  if (zoom) parts.push(`${new Date(zoom[0] * 1000).toLocaleTimeString()} to ${new Date(zoom[1] * 1000).toLocaleTimeString()}`);
  $("chosen").textContent = parts.join(" · ");
  $("all-labels").hidden = !chosen.size;
  $("reset-zoom").hidden = !zoom;
}
// The address keeps what is chosen, so that a link shows the same: report.html#outcome=failed&label=login
function keep() {
  const words = new URLSearchParams();
  if (outcome !== "all") words.set("outcome", outcome);
  for (const track of chosen) words.append("label", D.track_names[track]);
  try { history.replaceState(null, "", words.size ? "#" + words : location.pathname + location.search); } catch { /* not allowed for some files */ }
}
function recall() {
  const words = new URLSearchParams(location.hash.slice(1));
  for (const name of words.getAll("label")) { const track = D.track_names.indexOf(name); if (track >= 0) chosen.add(track); }
  if (["passed", "failed"].includes(words.get("outcome"))) outcome = words.get("outcome");
  tellOutcome();
}
function tellOutcome() {
  document.querySelectorAll("[data-outcome]").forEach(button => button.setAttribute("aria-checked", String(button.dataset.outcome === outcome)));
}
function refresh() { keep(); choosePanels(); tellChosen(); drawAll(); }
document.querySelectorAll("[data-outcome]").forEach(button => button.addEventListener("click", () => {
  outcome = button.dataset.outcome;
  tellOutcome();
  keep();
  drawAll();
}));
$("all-labels").addEventListener("click", () => { chosen.clear(); refresh(); });
$("reset-zoom").addEventListener("click", () => { zoom = null; refresh(); });
$("theme").addEventListener("click", () => { chosenTheme = root.dataset.theme === "dark" ? "light" : "dark"; applyTheme(); refresh(); });
dark.addEventListener("change", () => { if (!chosenTheme) { applyTheme(); refresh(); } });
let resizing = 0;
addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => { for (const { plot, figure } of drawn.values()) if (plot) plot.setSize({ width: Math.max(240, figure.clientWidth - 24), height: plot.height }); }, 120); });
addEventListener("beforeprint", () => { if (root.dataset.theme === "dark") { root.dataset.theme = "light"; refresh(); } });
addEventListener("afterprint", () => { applyTheme(); refresh(); });

load(JSON.parse($("data").textContent));
recall();
fillPanels();
refresh();
