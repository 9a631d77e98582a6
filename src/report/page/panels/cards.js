// The totals at the top, and what the page is about.
panel({
  name: "cards",
  make(section) { section.className = "cards"; section.setAttribute("aria-label", "Totals"); },
  fill(section) {
    const total = D.total, list = [
      ["Samples", whole.format(total.count), ""],
      ["Errors", `${number(total.error_percent)} %`, total.errors ? "bad" : "good"],
      ["Samples/s", number(total.throughput), ""],
      ["Median", millis(total.median), ""],
      ...D.percents.map((_, i) => [percentNames[i], millis(total.percentiles[i]), ""]),
      ["APDEX", finite(total.apdex) ? (+total.apdex).toFixed(3) : "–", !finite(total.apdex) ? "" : total.apdex >= 0.94 ? "good" : total.apdex >= 0.7 ? "warn" : "bad"],
      ["Most users", whole.format(D.most_users), ""],
    ];
    if (D.rejected) list.push(["Rejected (429)", whole.format(D.rejected), "warn"]);
    section.replaceChildren(...list.map(([name, value, kind]) => element("div", { class: "card " + kind }, element("b", {}, value), element("span", {}, name))));
    const parts = [D.sources.join(", ")];
    if (D.start !== null) parts.push(`${clock(D.start)} to ${clock(D.end)} (${span((D.end - D.start) / 1000)})`, `moments of ${span(WIDTH / 1000)}`);
    if (D.filtered) parts.push(`${whole.format(D.filtered)} rows left out by a filter`);
    if (D.undrawn) parts.push(`${whole.format(D.undrawn)} rows too far away in time for the charts`);
    $("subtitle").textContent = parts.join(" · ");
  },
});
