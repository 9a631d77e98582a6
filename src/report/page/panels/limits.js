// What each label's requests came to: requests a second, an attempt's clock and that of success with refusals and waits.
function goodputTable() {
  const second = v => number(v, 2), rows = D.labels.filter(label => label.goodput);
  const of = i => row => row.goodput[i];
  const columns = [
    { name: "Label", text: true, of: F("name") },
    { name: "Offered/s", of: of(0), show: second },
    { name: "Attempted/s", of: of(1), show: second },
    { name: "Accepted/s", of: of(2), show: second },
    { name: "Given up/s", of: of(3), show: second },
    { name: "An attempt, median (ms)", of: F("median"), show: fixed },
    { name: "Success with its waits, median (ms)", of: of(4), show: fixed },
    { name: "95 % (ms)", of: of(5), show: fixed },
  ];
  if (rows.length) table($("goodput"), columns, rows, { sort: 1, up: false, most: 500 });
}

// What is known of a rate limit.
panel({
  name: "limits",
  title: "Rate limit",
  shown: () => D.rejected > 0,
  make: section => section.append(element("div", { id: "limits-text" }), element("div", { class: "scroll" }, element("table", { id: "goodput" }))),
  fill() {
    const lines = [...D.limits, `${whole.format(D.rejected)} samples were turned away (429, or told to wait by Retry-After); users waited ${span(D.waited / 1000)} in all.`];
    $("limits-text").replaceChildren(...lines.map(line => element("p", {}, line)));
    goodputTable();
  },
  charts: [
    { wide: true, title: "Accepted, rejected and waiting", kind: TIME, make() {
        const tracks = summed();
        const allowed = (D.panels || {}).limits;
        const most = Math.max(...series(tracks, cell => perSecond(samplesIn(cell, "all"))).map(v => v || 0));
        // What a limit lets through after silence would flatten all the rest.
        const envelope = allowed ? [allowed.map(v => v === null ? null : Math.min(v, 1.5 * most))] : [];
        return { data: [series(tracks, cell => perSecond(samplesIn(cell, "all") - cell[10])), series(tracks, cell => perSecond(cell[10])), series(tracks, cell => cell[11] / 1000), ...envelope],
                 lines: [{ label: "Accepted/s", css: "--good", fill: true }, { label: "Rejected/s", css: "--bad" }, { label: "Waited (s)", hue: 4, scale: "waits", value: v => number(v, 1), hide: !D.waited },
                         ...envelope.map(() => ({ label: "The limit lets through/s", css: "--accent" }))], y: rate, right: D.waited ? "waits" : null };
      } },
  ],
});
