// How long samples took.
// One dot for each bucket: its rate against what its samples took, apart for success and failure.
function against(ofElapsed) {
  const tracks = summed(), points = [];
  for (let i = 0; i < BUCKETS; i++) points.push({ passed: new Map(), failed: new Map(), count: 0, latency: 0 });
  for (const track of tracks) for (const cell of D.tracks[track]) {
    if (!inZoom(cell[0])) continue;
    const point = points[cell[0]], count = samplesIn(cell, "all");
    addCell(point.passed, cell, "passed"); addCell(point.failed, cell, "failed");
    point.count += count; point.latency += cell[5];
  }
  const filled = points.filter(point => point.count).sort((a, b) => a.count - b.count);
  const xs = filled.map(point => perSecond(point.count));
  if (!ofElapsed) return { xs, data: [filled.map(point => point.latency / point.count)], lines: [{ label: "Mean latency", css: "--accent", dots: true }], y: millis, x: v => number(v, 1) + "/s" };
  return { xs, data: [filled.map(point => quantiles(point.passed, [0.5])[0]), filled.map(point => quantiles(point.failed, [0.5])[0])],
           lines: [{ label: "Passed", css: "--good", dots: true }, { label: "Failed", css: "--bad", dots: true }], y: millis, x: v => number(v, 1) + "/s" };
}
function synthetic() {
  let parts = [0, 0, 0, 0];
  const rows = chosen.size ? D.labels.filter(label => chosen.has(label.track)) : D.labels.filter(label => !label.transaction || !requests.length);
  for (const row of rows) { const [satisfied, tolerated] = row.satisfied; parts = [parts[0] + satisfied, parts[1] + tolerated, parts[2] + row.count - row.errors - satisfied - tolerated, parts[3] + row.errors]; }
  const sum = parts.reduce((a, b) => a + b, 0) || 1, [T, frustrated] = D.total.thresholds;
  const keys = [["satisfied", `up to ${millis(T)}`, "--good"], ["tolerating", `up to ${millis(frustrated)}`, "--warn"], ["frustrated", `above ${millis(frustrated)}`, "--heat"], ["errors", "", "--bad"]];
  const fill = key => key === "--heat" ? "hsl(265 50% 55%)" : `var(${key})`;
  $("synthetic").replaceChildren(element("div", { class: "stack", role: "img", "aria-label": "Satisfied, tolerating, frustrated and failed samples" }, ...keys.map(([name, , key], i) => element("i", { style: `width:${100 * parts[i] / sum}%;background:${fill(key)}`, title: `${name}: ${whole.format(parts[i])}` }))),
    element("div", { class: "keys" }, ...keys.map(([name, range, key], i) => element("span", {}, element("i", { style: `background:${fill(key)}` }), `${name} ${range ? `(${range}) ` : ""}${whole.format(parts[i])} · ${number(100 * parts[i] / sum)} %`))));
}

panel({
  name: "response-times",
  title: "Response times",
  make: section => section.append(element("div", { id: "synthetic" })),
  choose: () => synthetic(),
  charts: [
    { title: "Percentile curve by label", note: "how slow the slowest part is; the axis stretches towards 100 %", kind: PLAIN, make() {
        const tracks = lined(), { axis, fractions } = curveAxis();
        const maps = tracks.map(track => stepsOf([track]));
        return { ...axis, data: maps.map(steps => quantiles(steps, fractions)), y: millis,
                 lines: tracks.map(track => ({ label: D.track_names[track], hue: track })) };
      } },
    { title: "Distribution of response times", kind: PLAIN, make() {
        const count = which => { const out = new Map(); for (const [step, n] of stepsOf(summed(), which)) out.set(Math.floor(step / 8), (out.get(Math.floor(step / 8)) || 0) + n); return out; };
        const passed = outcome === "failed" ? new Map() : count("passed"), failed = outcome === "passed" ? new Map() : count("failed");
        const rows = [...passed.keys(), ...failed.keys()];
        if (!rows.length) return null;
        const low = Math.min(...rows), high = Math.max(...rows), xs = [];
        for (let row = low; row <= high; row++) xs.push(row);
        return { xs, data: [xs.map(row => (passed.get(row) || 0) + (failed.get(row) || 0)), xs.map(row => failed.get(row) || 0)], y: v => number(v, 0), bars: true,
                 lines: [{ label: "Samples", css: "--accent" }, { label: "of them failed", css: "--bad" }],
                 x: row => Number.isInteger(row) ? millis(startOf(row * 8)) : "", whole: true };
      } },
    { title: "Response time against load", note: "median of each moment by its samples per second", kind: PLAIN, make: () => against(true) },
    { title: "Latency against load", note: "mean of each moment by its samples per second", kind: PLAIN, make: () => against(false) },
    { title: "Response time by users", note: "mean by how many users there were", kind: PLAIN, make() {
        const labels = D.labels.filter(label => lined().includes(label.track));
        const at = [...new Set(labels.flatMap(label => label.users.map(row => row[0])))].sort((a, b) => a - b);
        return { xs: at, data: labels.map(label => { const map = new Map(label.users.map(row => [row[0], row[2] / row[1]])); return at.map(users => map.get(users) ?? null); }),
                 lines: labels.map(label => ({ label: label.name, hue: label.track, points: true })), y: millis, x: v => number(v, 0), gaps: true };
      } },
  ],
});
