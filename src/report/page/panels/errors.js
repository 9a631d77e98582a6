// Failures by kind, and the most frequent of each label.
function errorTables() {
  const failed = D.total.errors, all = D.total.count;
  const errors = [
    { name: "Type of error", text: true, of: row => row[0] || "(no code, no message)" },
    { name: "Number", of: row => row[1], show: whole.format },
    { name: "% in errors", of: row => 100 * row[1] / failed, show: fixed },
    { name: "% in all samples", of: row => 100 * row[1] / all, show: fixed },
  ];
  if (D.errors.length) table($("errors"), errors, D.errors, { sort: 1, up: false, most: 500 });
  else $("errors").replaceChildren(element("tbody", {}, element("tr", {}, element("td", { class: "text" }, "No errors"))));
  const rows = D.labels.filter(label => label.top_errors.length);
  const columns = [
    { name: "Label", text: true, of: F("name") },
    { name: "Samples", of: row => row.error_counts[0], show: whole.format },
    { name: "Errors", of: row => row.error_counts[1], show: whole.format },
    ...[0, 1, 2, 3, 4].slice(0, Math.max(0, ...rows.map(row => row.top_errors.length))).flatMap(i => [
      { name: `Error ${i + 1}`, text: true, of: row => row.top_errors[i] ? row.top_errors[i][0] || "(none)" : "" },
      { name: "Number", of: row => row.top_errors[i] ? row.top_errors[i][1] : null, show: v => v === null ? "" : whole.format(v) },
    ]),
  ];
  if (rows.length) table($("top-errors"), columns, rows, { sort: 2, up: false, total: D.total, most: 500 });
  else $("top-errors").replaceChildren(element("tbody", {}, element("tr", {}, element("td", { class: "text" }, "No errors"))));
}

panel({
  name: "errors-panel",
  title: "Errors",
  make(section) {
    section.append(
      element("div", { class: "scroll" }, element("table", { id: "errors" })),
      element("h3", {}, "Most frequent errors by label"),
      element("div", { class: "scroll" }, element("table", { id: "top-errors" })));
  },
  fill: () => errorTables(),
});
