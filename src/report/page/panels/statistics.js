// Every label with its figures. A click on a row shows that label alone in the charts.
const statisticsColumns = () => [
  { name: "Label", text: true, of: F("name"), cell: row => [row === D.total ? "" : swatch(row.track), row.name, row.transaction ? element("span", { class: "tag" }, "transaction") : ""] },
  { name: "Samples", of: F("count"), show: whole.format },
  { name: "Failed", of: F("errors"), show: whole.format },
  { name: "Error %", of: F("error_percent"), show: fixed, bad: row => row.errors > 0 },
  { name: "Average", of: F("mean"), show: fixed },
  { name: "Min", of: F("min"), show: v => number(v) },
  { name: "Median", of: F("median"), show: v => number(v) },
  ...percentNames.map((name, i) => ({ name, of: row => row.percentiles[i], show: v => number(v) })),
  { name: "Max", of: F("max"), show: v => number(v) },
  { name: "Samples/s", of: F("throughput"), show: fixed },
  { name: "Received KB/s", of: F("received"), show: fixed },
  { name: "Sent KB/s", of: F("sent"), show: fixed },
  { name: "APDEX", of: F("apdex"), show: v => finite(v) ? (+v).toFixed(3) : "–" },
  { name: "T", of: row => row.thresholds[0], show: v => whole.format(v) },
  { name: "F", of: row => row.thresholds[1], show: v => whole.format(v) },
];
function statistics() {
  const wanted = $("find").value.toLowerCase();
  const rows = D.labels.filter(label => label.name.toLowerCase().includes(wanted));
  const toggle = row => { if (chosen.has(row.track)) chosen.delete(row.track); else chosen.add(row.track); refresh(); };
  table($("statistics"), statisticsColumns(), rows, { total: D.total, class: row => chosen.has(row.track) ? "chosen" : "", most: 2000,
    attributes: row => row === D.total ? {} : { tabindex: "0", title: "Show only this label in the charts", on: { click: () => toggle(row), keydown: event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(row); } } } } });
  const notes = [`Times in ms, from all samples; percentiles by ${D.estimation}. A click on a row shows that label alone in the charts.`];
  if (D.labels.some(label => label.transaction)) notes.push("The total leaves transactions out.");
  if (rows.length > 2000) notes.push(`The first 2,000 of ${whole.format(rows.length)} labels are shown: find narrows them down.`);
  if (D.labels.length > trackCount) notes.push(`In the charts, labels from the ${whole.format(trackCount)}th on share one line.`);
  $("statistics-note").textContent = notes.join(" ");
}
panel({
  name: "statistics-panel",
  make(section) {
    section.append(
      element("div", { class: "head" }, element("h2", {}, "Statistics"),
        element("label", { class: "search" }, "Find ", element("input", { type: "search", id: "find", placeholder: "label", autocomplete: "off", on: { input: () => statistics() } }))),
      element("p", { class: "note", id: "statistics-note" }),
      element("div", { class: "scroll" }, element("table", { id: "statistics" })));
  },
  choose: () => statistics(),
});
