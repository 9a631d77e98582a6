// Two runs in one: what changed, and both on one time axis that begins with each of them. The other run's lines are thin.
let OTHER = null;
const tracksOfOther = () => {
  const names = summed().map(track => D.track_names[track]);
  return names.map(name => OTHER.track_names.indexOf(name)).filter(track => track >= 0);
};
// Runs f on the other run's data: everything that reads `D` reads that.
function inOther(f) {
  const own = D;
  try { load(OTHER); return f(); } finally { load(own); }
}
// One line of each run for each of f's: f gets the tracks and gives lines of one value a bucket.
function bothRuns(f, labels, y) {
  const own = f(summed()), tracks = tracksOfOther(), other = inOther(() => f(tracks));
  const length = Math.max(BUCKETS, OTHER.buckets), xs = Array.from({ length }, (_, i) => i * WIDTH / 1000);
  const filled = line => [...line, ...new Array(length - line.length).fill(null)];
  return { xs, y, x: s => span(s), data: [...own, ...other].map(filled),
           lines: [...labels.map(label => ({ ...label, label: `${label.label}, this` })), ...labels.map(label => ({ ...label, label: `${label.label}, before`, thin: true }))] };
}
const percentileLines = fractions => tracks => {
  const rows = stepsByBucket(tracks).map(steps => steps ? quantiles(steps, fractions) : fractions.map(() => null));
  return fractions.map((_, i) => rows.map(row => row[i]));
};
const MARKS = { worse: ["▲", "bad"], better: ["▼", "good"], perhaps: ["?", ""], small: ["·", ""] };
panel({
  name: "compare",
  title: "Compared with an earlier run",
  shown: data => !!data,
  make(section) {
    OTHER = JSON.parse($("other").textContent);
    section.append(
      element("p", { class: "note", id: "compare-names" }), element("p", { id: "conclusion" }), element("ul", { id: "sentences" }),
      element("div", { class: "scroll" }, element("table", { id: "compared" })), element("p", { class: "note", id: "compare-method" }));
  },
  fill(section, data) {
    const [from, to] = data.runs;
    $("compare-names").textContent = `${from.name} (${whole.format(from.samples)} samples, ${clock(from.start)}) → ${to.name} (${whole.format(to.samples)} samples, ${clock(to.start)})`;
    $("conclusion").replaceChildren(element("b", { class: data.regression ? "bad" : "good" }, data.conclusion));
    $("sentences").replaceChildren(...data.sentences.map(text => element("li", {}, text)));
    $("compare-method").textContent = data.method;
    const show = (change, format) => change ? format(change.from) === format(change.to) ? format(change.to) : `${format(change.from)} → ${format(change.to)}` : "–";
    const names = [...new Set(data.labels.flatMap(label => label.changes.map(change => change.metric)))].filter(name => name !== "all times");
    const formats = { "error rate": v => number(v * 100) + " %", throughput: v => number(v, v < 10 ? 2 : 1) };
    const of = (row, name) => row.changes.find(change => change.metric === name);
    const columns = [
      { name: "Label", text: true, of: row => row.label },
      { name: "Samples", of: row => row.samples[1], cell: row => [row.samples[0] === row.samples[1] ? whole.format(row.samples[0]) : `${whole.format(row.samples[0])} → ${whole.format(row.samples[1])}`] },
      ...names.map(name => ({
        name: name === "error rate" ? "Errors" : name === "throughput" ? "Samples/s" : `${name} ms`,
        of: row => { const change = of(row, name); return change ? change.relative ?? change.difference : null; },
        cell: row => { const change = of(row, name), [mark, kind] = MARKS[change && change.judgement] || ["", ""];
          return [element("span", { title: change ? change.sentence : null, class: kind || null }, show(change, formats[name] || (v => number(v, v < 10 ? 1 : 0))), mark ? " " + mark : "")]; },
      })),
      { name: "Typical shift", of: row => row.hodges_lehmann, show: v => millis(v) },
    ];
    table($("compared"), columns, data.labels, { most: 500 });
  },
  charts: [
    { title: "Samples per second, both runs", note: "from the beginning of each", kind: PLAIN, make: () => bothRuns(tracks => [series(tracks, cell => perSecond(samplesIn(cell)))], [{ label: "Samples/s", css: "--accent" }], rate) },
    { title: "Response times, both runs", note: "from the beginning of each", kind: PLAIN, make: () => bothRuns(percentileLines([0.5, 0.95]), [{ label: "Median", hue: 0, gaps: true }, { label: "95th pct", hue: 1, gaps: true }], millis) },
    { title: "Errors per second, both runs", note: "from the beginning of each", kind: PLAIN, make: () => bothRuns(tracks => [series(tracks, cell => perSecond(countOf(cell[2])))], [{ label: "Errors/s", css: "--bad" }], rate) },
    { title: "Percentile curve, both runs", note: "how slow the slowest part is; the axis stretches towards 100 %", kind: PLAIN, make() {
        const curve = curveAxis(), tracks = tracksOfOther();
        return { ...curve.axis, y: millis, data: [quantiles(stepsOf(summed()), curve.fractions), inOther(() => { const kept = zoom; zoom = null; try { return quantiles(stepsOf(tracks), curve.fractions); } finally { zoom = kept; } })],
                 lines: [{ label: "this run", css: "--accent" }, { label: "before", css: "--accent", thin: true }] };
      } },
  ],
});
