// A run that goes on: asks for its data again and again, and can stop it. The token that the program printed is part of
// this page's address; what is asked for is asked with it.
const token = new URLSearchParams(location.search).get("token") || "";
const ask = (path, method) => fetch(path, { method, headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
const state = element("span", { id: "live-state", role: "status" }, "running");
const stopButton = (path, text, title) => element("button", { type: "button", class: "stop", title, on: { click: async event => {
  const button = event.currentTarget;
  // The second click within some seconds is the one that counts.
  if (!button.dataset.sure) {
    button.dataset.sure = "yes";
    button.textContent = `${text}: sure?`;
    setTimeout(() => { delete button.dataset.sure; button.textContent = text; }, 4000);
    return;
  }
  button.disabled = true;
  try {
    const answer = await ask(path, "POST");
    state.textContent = answer.ok ? "stopping" : `refused (${answer.status})`;
  } catch { state.textContent = "cannot be reached"; }
} } }, text);
document.querySelector(".bar").append(element("span", { class: "live" }, state,
  stopButton("shutdown", "Shut down", "No new samples; those in flight may end"),
  stopButton("stop", "Stop now", "Interrupts what is in flight")));

// Draws a chart's new data into the plot that is there, so that nothing jumps under the pointer.
function renewChart(chart) {
  const old = drawn.get(chart);
  const made = old && old.plot && BUCKETS ? chart.make() : null;
  const same = made && !made.paint && !made.bars && made.lines.length === old.plot.series.length - 1
    && made.lines.every((line, i) => line.label === old.plot.series[i + 1].label);
  if (!same) { draw(chart); return; }
  syncing = true;
  old.plot.setData([made.xs || times, ...made.data], !(chart.kind === TIME && zoom));
  syncing = false;
}
function renew(data) {
  load(data);
  fillPanels();
  choosePanels();
  tellChosen();
  for (const each of PANELS) if (!each.section.hidden) each.charts.forEach(renewChart);
}
const EVERY = 2000;
let missed = 0;
async function poll() {
  try {
    const answer = await ask("data", "GET");
    if (!answer.ok) throw new Error(answer.status);
    renew(await answer.json());
    missed = 0;
    if (state.textContent === "no answer") state.textContent = "running";
  } catch {
    missed += 1;
    state.textContent = missed < 3 ? "no answer" : "the run is over";
    if (missed >= 3) { document.querySelectorAll(".stop").forEach(button => { button.disabled = true; }); return; }
  }
  setTimeout(poll, EVERY);
}
setTimeout(poll, EVERY);
