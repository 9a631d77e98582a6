"use strict";
addEventListener("error", event => {
  const line = document.createElement("p");
  line.className = "broken";
  line.textContent = `This page could not be drawn: ${event.message}`;
  document.querySelector("main").prepend(line);
});
(() => {
const D = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const root = document.documentElement;

// ---- Figures as text -------------------------------------------------------------------------------------------
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const finite = v => v !== null && v !== undefined && Number.isFinite(+v);
const number = (v, digits = 2) => finite(v) ? new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(+v) : v === null || v === undefined ? "–" : String(v);
const fixed = v => finite(v) ? new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(+v) : number(v);
const millis = v => v === null ? "–" : v >= 10000 ? number(v / 1000, v >= 100000 ? 0 : 1) + " s" : number(v, v < 10 ? 1 : 0) + " ms";
const span = s => s >= 5400 ? number(s / 3600, 1) + " h" : s >= 90 ? number(s / 60, 1) + " min" : number(s, 1) + " s";
const clock = t => new Date(t).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

// ---- Theme -----------------------------------------------------------------------------------------------------
const dark = matchMedia("(prefers-color-scheme: dark)");
let chosenTheme = null;
const applyTheme = () => { root.dataset.theme = chosenTheme || (dark.matches ? "dark" : "light"); };
applyTheme();
const css = name => getComputedStyle(root).getPropertyValue(name).trim();
const HUES = [210, 28, 145, 345, 265, 50, 185, 315, 95, 235, 5, 165];
const colour = index => {
  const light = root.dataset.theme === "dark" ? 66 : 42;
  return `hsl(${HUES[index % HUES.length]} ${index < HUES.length ? 75 : 45}% ${light + (Math.floor(index / HUES.length) % 3) * 6}%)`;
};

// ---- What is chosen --------------------------------------------------------------------------------------------
const chosen = new Set();
let outcome = "all";
let zoom = null;
const trackCount = D.tracks.length;
const requests = [], everything = [];
for (let track = 0; track < trackCount; track++) {
  everything.push(track);
  if (!D.track_transactions[track]) requests.push(track);
}
const weight = D.tracks.map(cells => cells.reduce((sum, cell) => sum + cell[9], 0));
// Sums are over requests, as transactions would count their time twice; lines by label show everything.
const summed = () => chosen.size ? [...chosen] : requests.length ? requests : everything;
const MOST_LINES = 12;
const lined = () => {
  const tracks = chosen.size ? [...chosen] : everything;
  return [...tracks].sort((a, b) => weight[b] - weight[a]).slice(0, chosen.size ? 40 : MOST_LINES);
};

// ---- Steps of the logarithmic scale (32 an octave) ---------------------------------------------------------------
const startOf = step => step < 32 ? step : (32 + step % 32) * 2 ** (Math.floor(step / 32) - 1);
const middleOf = step => step < 32 ? step : (startOf(step) + startOf(step + 1) - 1) / 2;
function addSteps(into, pairs) {
  for (let i = 0; i < pairs.length; i += 2) into.set(pairs[i], (into.get(pairs[i]) || 0) + pairs[i + 1]);
}
function addCell(into, cell, which = outcome) {
  if (which !== "failed") addSteps(into, cell[1]);
  if (which !== "passed") addSteps(into, cell[2]);
}
const countOf = pairs => { let sum = 0; for (let i = 1; i < pairs.length; i += 2) sum += pairs[i]; return sum; };
const samplesIn = (cell, which = outcome) => (which === "failed" ? 0 : countOf(cell[1])) + (which === "passed" ? 0 : countOf(cell[2]));
// The values at some fractions (0 to 1, ascending) of a map of steps.
function quantiles(steps, fractions) {
  const pairs = [...steps].sort((a, b) => a[0] - b[0]);
  const total = pairs.reduce((sum, pair) => sum + pair[1], 0);
  if (!total) return fractions.map(() => null);
  const values = [];
  let index = 0, seen = pairs[0][1];
  for (const fraction of fractions) {
    const rank = Math.max(1, Math.ceil(fraction * total - 1e-9));
    while (seen < rank && index < pairs.length - 1) seen += pairs[++index][1];
    values.push(middleOf(pairs[index][0]));
  }
  return values;
}

// ---- Buckets ---------------------------------------------------------------------------------------------------
const FIRST = D.first_bucket, BUCKETS = D.buckets, WIDTH = D.width_ms;
const times = Array.from({ length: BUCKETS }, (_, i) => (FIRST + i) * WIDTH / 1000);
const perSecond = value => value * 1000 / WIDTH;
const blank = (fill = null) => new Array(BUCKETS).fill(fill);
// For each bucket, the sum of f over the cells of the tracks; `fill` where there is none.
function series(tracks, f, fill = 0) {
  const out = blank(fill);
  for (const track of tracks) for (const cell of D.tracks[track]) out[cell[0]] = (out[cell[0]] || 0) + f(cell);
  return out;
}
const means = (track, sum) => {
  const out = blank();
  for (const cell of D.tracks[track]) { const count = samplesIn(cell, "all"); if (count) out[cell[0]] = cell[sum] / count; }
  return out;
};
const byLabel = f => ({
  data: lined().map(f),
  lines: lined().map(track => ({ label: D.track_names[track], hue: track })),
});
function stepsByBucket(tracks) {
  const out = Array.from({ length: BUCKETS }, () => null);
  for (const track of tracks) for (const cell of D.tracks[track]) addCell(out[cell[0]] || (out[cell[0]] = new Map()), cell);
  return out;
}
const inZoom = index => !zoom || (times[index] + WIDTH / 1000 > zoom[0] && times[index] < zoom[1]);
function stepsOf(tracks, which = outcome) {
  const steps = new Map();
  for (const track of tracks) for (const cell of D.tracks[track]) if (inZoom(cell[0])) addCell(steps, cell, which);
  return steps;
}

// ---- The charts ------------------------------------------------------------------------------------------------
const percentNames = D.percents.map(p => `${p}th pct`);
const rate = v => v === null ? "–" : number(v) + "/s";
const bytes = v => v === null ? "–" : v >= 1048576 ? number(v / 1048576) + " MB/s" : number(v / 1024) + " KB/s";
const TIME = "time", PLAIN = "plain";
// Each: where it stands, title, note, kind of x axis, and `make()` -> { xs, data, lines, y, … } for what is chosen.
const CHARTS = [
  { place: "time-charts", wide: true, title: "Users, throughput and errors", kind: TIME, make() {
      const tracks = summed();
      return { data: [series(tracks, cell => perSecond(samplesIn(cell))), series(tracks, cell => perSecond(countOf(cell[2]))),
                      series(tracks, cell => perSecond(cell[10])), D.users.all, series(tracks, cell => cell[11] / 1000)],
               lines: [{ label: "Samples/s", css: "--accent", fill: true }, { label: "Errors/s", css: "--bad" }, { label: "Rejected/s", css: "--warn", hide: !D.rejected },
                       { label: "Users", css: "--soft", scale: "users", value: v => number(v, 0), step: true, gaps: true },
                       { label: "Waited (s)", hue: 4, scale: "waits", value: v => number(v, 1), hide: !D.waited }],
               y: rate, right: "users" };
    } },
  { place: "time-charts", title: "Response time percentiles over time", kind: TIME, y: millis, make() {
      const fractions = [0.5, ...D.percents.map(p => p / 100), 1];
      const rows = stepsByBucket(summed()).map(steps => steps ? quantiles(steps, fractions) : fractions.map(() => null));
      return { data: fractions.map((_, i) => rows.map(row => row[i])), y: millis,
               lines: ["Median", ...percentNames, "Max"].map((label, i) => ({ label, hue: i })) };
    } },
  { place: "time-charts", title: "Heat map of response times", note: "the stronger the colour, the more samples", kind: TIME, make() {
      const cells = stepsByBucket(summed());
      let low = Infinity, high = 0, most = 0;
      const rows = cells.map(steps => {
        const coarse = new Map();
        if (steps) for (const [step, count] of steps) {
          const row = Math.floor(step / 4);
          coarse.set(row, (coarse.get(row) || 0) + count);
        }
        for (const [row, count] of coarse) { low = Math.min(low, row); high = Math.max(high, row); most = Math.max(most, count); }
        return coarse;
      });
      if (!most) return null;
      const bottom = Math.max(0.5, startOf(low * 4)), top = Math.max(bottom * 2, startOf(high * 4 + 4));
      return { data: [blank(bottom)], lines: [{ label: "Samples", invisible: true, value: (_, i) => i === null || i === undefined ? "–" : whole.format([...rows[i].values()].reduce((a, b) => a + b, 0)) }],
               y: millis, log: [bottom, top], paint(u) {
          const [from, to] = [css("--heat-0").split(",").map(Number), css("--heat-1").split(",").map(Number)];
          const ctx = u.ctx;
          ctx.save();
          ctx.beginPath(); ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height); ctx.clip();
          rows.forEach((coarse, i) => {
            const left = u.valToPos(times[i], "x", true), right = u.valToPos(times[i] + WIDTH / 1000, "x", true);
            for (const [row, count] of coarse) {
              const y1 = u.valToPos(Math.max(bottom, startOf(row * 4)), "y", true), y2 = u.valToPos(startOf(row * 4 + 4), "y", true);
              const part = Math.log1p(count) / Math.log1p(most);
              ctx.fillStyle = `rgb(${from.map((c, k) => Math.round(c + (to[k] - c) * part)).join(",")})`;
              ctx.fillRect(left, y2, Math.max(1, right - left), Math.max(1, y1 - y2));
            }
          });
          ctx.restore();
        } };
    } },
  { place: "time-charts", title: "Mean response time by label", kind: TIME, make: () => ({ ...byLabel(track => means(track, 3)), y: millis }) },
  { place: "time-charts", title: "Transactions per second by label", kind: TIME, make: () => ({ ...byLabel(track => series([track], cell => perSecond(samplesIn(cell)))), y: rate }) },
  { place: "time-charts", title: "Total transactions per second", note: "transactions of the plan included", kind: TIME, make() {
      const tracks = chosen.size ? [...chosen] : everything;
      return { data: [series(tracks, cell => perSecond(countOf(cell[1]))), series(tracks, cell => perSecond(countOf(cell[2])))], y: rate,
               lines: [{ label: "Passed", css: "--good" }, { label: "Failed", css: "--bad" }] };
    } },
  { place: "time-charts", title: "Hits per second", note: "samples by their start", kind: TIME, make: () => ({ data: [series(summed(), cell => perSecond(cell[9]))], lines: [{ label: "Hits", css: "--accent", fill: true }], y: rate }) },
  { place: "time-charts", title: "Response codes per second", note: "all labels", kind: TIME, make: () => ({ data: D.users.codes.map(code => code[1].map(v => v === null ? 0 : perSecond(v))), lines: D.users.codes.map((code, i) => ({ label: code[0] || "(none)", hue: i })), y: rate }) },
  { place: "time-charts", title: "Active users by group", note: "all labels", kind: TIME, make: () => ({ data: D.users.groups.map(group => group[1]), lines: D.users.groups.map((group, i) => ({ label: group[0], hue: i })), y: v => number(v, 1) }) },
  { place: "time-charts", title: "Bytes per second", kind: TIME, make: () => ({ data: [series(summed(), cell => perSecond(cell[7])), series(summed(), cell => perSecond(cell[8]))], lines: [{ label: "Received", hue: 0 }, { label: "Sent", hue: 1 }], y: bytes }) },
  { place: "time-charts", title: "Mean latency by label", note: "to the first byte", kind: TIME, make: () => ({ ...byLabel(track => means(track, 5)), y: millis }) },
  { place: "time-charts", title: "Mean connect time by label", kind: TIME, make: () => ({ ...byLabel(track => means(track, 6)), y: millis }) },
  { place: "response-charts", title: "Percentile curve by label", note: "how slow the slowest part is; the axis stretches towards 100 %", kind: PLAIN, make() {
      const tracks = lined(), xs = [];
      for (let x = 0; x <= 4; x += 0.04) xs.push(x);
      const fractions = xs.map(x => 1 - 10 ** -x);
      const maps = tracks.map(track => stepsOf([track]));
      return { xs, data: maps.map(steps => quantiles(steps, fractions)), y: millis,
               lines: tracks.map(track => ({ label: D.track_names[track], hue: track })),
               x: x => number(100 * (1 - 10 ** -x), x > 2 ? 2 : x > 1 ? 1 : 0) + " %", splits: [0, 0.30103, 1, 1.30103, 2, 3, 4] };
    } },
  { place: "response-charts", title: "Distribution of response times", kind: PLAIN, make() {
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
  { place: "response-charts", title: "Response time against load", note: "median of each moment by its samples per second", kind: PLAIN, make: () => against(true) },
  { place: "response-charts", title: "Latency against load", note: "mean of each moment by its samples per second", kind: PLAIN, make: () => against(false) },
  { place: "response-charts", title: "Response time by users", note: "mean by how many users there were", kind: PLAIN, make() {
      const labels = D.labels.filter(label => lined().includes(label.track));
      const at = [...new Set(labels.flatMap(label => label.users.map(row => row[0])))].sort((a, b) => a - b);
      return { xs: at, data: labels.map(label => { const map = new Map(label.users.map(row => [row[0], row[2] / row[1]])); return at.map(users => map.get(users) ?? null); }),
               lines: labels.map(label => ({ label: label.name, hue: label.track, points: true })), y: millis, x: v => number(v, 0), gaps: true };
    } },
  { place: "limits-charts", wide: true, title: "Accepted, rejected and waiting", kind: TIME, make() {
      const tracks = summed();
      return { data: [series(tracks, cell => perSecond(samplesIn(cell, "all") - cell[10])), series(tracks, cell => perSecond(cell[10])), series(tracks, cell => cell[11] / 1000)],
               lines: [{ label: "Accepted/s", css: "--good", fill: true }, { label: "Rejected/s", css: "--bad" }, { label: "Waited (s)", hue: 4, scale: "waits", value: v => number(v, 1), hide: !D.waited }], y: rate, right: D.waited ? "waits" : null };
    } },
];

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

const drawn = new Map();
let syncing = false;
function optionsOf(chart, made, width) {
  const font = "12px system-ui, sans-serif";
  const axis = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") }, font };
  const time = chart.kind === TIME;
  const y = { ...axis, scale: "y", size: 76, values: (_, splits) => splits.map(v => v === null ? "" : made.y(v)) };
  const axes = [time ? { ...axis } : { ...axis, values: (_, splits) => splits.map(made.x), ...(made.splits ? { splits: () => made.splits } : {}), ...(made.whole ? { incrs: [1, 2, 4, 8, 16, 32, 64] } : {}) }, y];
  if (made.right) axes.push({ ...axis, scale: made.right, side: 1, size: 50, grid: { show: false }, values: (_, splits) => splits.map(v => number(v, splits[splits.length - 1] < 5 ? 1 : 0)) });
  const scales = { x: { time }, y: made.log ? { distr: 3, range: () => made.log } : { range: (_, low, high) => [0, high > 0 ? high * 1.05 : 1] } };
  for (const line of made.lines) if (line.scale) scales[line.scale] = { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] };
  const lines = made.lines.map((line, i) => {
    const stroke = line.css ? css(line.css) : colour(line.hue ?? i);
    const value = line.value || made.y;
    const out = { label: line.label, stroke, width: line.dots || line.invisible ? 0 : 1.6, scale: line.scale || "y", show: !line.hide, spanGaps: !!(made.gaps || line.gaps),
                  value: (_, v, __, index) => v === null || v === undefined ? "–" : value(v, index) };
    if (line.fill) out.fill = stroke.startsWith("#") ? stroke + "22" : stroke;
    if (line.step) out.paths = uPlot.paths.stepped({ align: 1 });
    if (made.bars) { out.paths = uPlot.paths.bars({ size: [0.9, 60] }); out.fill = stroke; out.points = { show: false }; }
    if (line.dots) { out.paths = () => null; out.points = { show: true, size: 5, fill: stroke, width: 0 }; }
    if (line.points) out.points = { show: true, size: 4 };
    if (line.invisible) out.points = { show: false };
    return out;
  });
  return {
    width, height: chart.wide ? 260 : 230, scales, axes,
    series: [{ label: time ? "Time" : "x", value: (_, v) => v === null || v === undefined ? "–" : time ? new Date(v * 1000).toLocaleTimeString() : made.x(v) }, ...lines],
    cursor: { sync: time ? { key: "time" } : undefined, drag: { x: time, y: false, setScale: time } , points: { size: 6 } },
    legend: { live: true },
    hooks: {
      ...(made.paint ? { drawClear: [], draw: [made.paint] } : {}),
      setScale: time ? [(u, key) => { if (key === "x") zoomed(u); }] : [],
    },
  };
}
const xRange = () => [times[0], times[BUCKETS - 1] + (BUCKETS > 1 ? 0 : WIDTH / 1000)];
function zoomed(u) {
  if (syncing || !BUCKETS) return;
  const { min, max } = u.scales.x, [first, last] = xRange();
  if (min === null || max === null || (zoom && min === zoom[0] && max === zoom[1])) return;
  const full = min <= first && max >= last;
  if (full && !zoom) return;
  zoom = full ? null : [min, max];
  requestAnimationFrame(() => {
    syncing = true;
    for (const { plot, chart } of drawn.values()) if (plot && chart.kind === TIME && plot !== u) plot.setScale("x", { min, max });
    syncing = false;
    drawAll(chart => chart.kind !== TIME);
    tellChosen();
  });
}
function draw(chart) {
  const old = drawn.get(chart);
  const hiddenLines = old && old.plot ? new Map(old.plot.series.slice(1).map(line => [line.label, line.show])) : new Map();
  if (old && old.plot) old.plot.destroy();
  const figure = old ? old.figure : element("figure", { class: chart.wide ? "wide" : null }, element("figcaption", {}, chart.title, chart.note ? element("small", {}, chart.note) : null));
  if (!old) $(chart.place).append(figure);
  figure.querySelectorAll(".empty").forEach(node => node.remove());
  const made = BUCKETS ? chart.make() : null;
  const xs = made && (made.xs || times);
  if (!made || !xs.length || !made.data.some(line => line.some(v => v !== null))) {
    figure.append(element("p", { class: "empty" }, "No data for this choice"));
    drawn.set(chart, { figure, plot: null, chart });
    return;
  }
  for (const line of made.lines) if (hiddenLines.has(line.label)) line.hide = !hiddenLines.get(line.label);
  syncing = true;
  const plot = new uPlot(optionsOf(chart, made, Math.max(240, figure.clientWidth - 24)), [xs, ...made.data], figure);
  if (chart.kind === TIME && zoom) plot.setScale("x", { min: zoom[0], max: zoom[1] });
  syncing = false;
  drawn.set(chart, { figure, plot, chart });
}
function drawAll(which = () => true) {
  for (const chart of CHARTS) if (which(chart) && (chart.place !== "limits-charts" || D.rejected)) draw(chart);
}

// ---- Tables ----------------------------------------------------------------------------------------------------
const swatch = track => element("i", { class: "swatch", style: `background:${colour(track)}` });
function table(node, columns, rows, options = {}) {
  const state = node.sorting || (node.sorting = { column: options.sort ?? 0, up: options.up ?? true });
  const { column, up } = state;
  const value = (row, c) => { const v = columns[c].of(row); return v === null || v === undefined ? -Infinity : v; };
  const sorted = [...rows].sort((a, b) => {
    const x = value(a, column), y = value(b, column);
    const order = typeof x === "string" || typeof y === "string" ? String(x).localeCompare(String(y), undefined, { numeric: true }) : x - y;
    return up ? order : -order;
  });
  const head = element("tr", {}, ...columns.map((c, i) => element("th", { class: c.text ? "text" : null, scope: "col", "aria-sort": i === column ? (up ? "ascending" : "descending") : "none" },
    element("button", { type: "button", on: { click: () => { state.up = i === state.column ? !state.up : !!columns[i].text; state.column = i; table(node, columns, rows, options); } } }, c.name))));
  const line = (row, extra) => element("tr", { class: extra || (options.class && options.class(row)) || null, ...(options.attributes ? options.attributes(row) : {}) },
    ...columns.map(c => element("td", { class: [c.text ? "text" : "", c.bad && c.bad(row) ? "bad" : ""].join(" ").trim() || null }, ...(c.cell ? c.cell(row) : [c.show ? c.show(c.of(row)) : String(c.of(row))]))));
  node.replaceChildren(element("thead", {}, head), element("tbody", {}, ...sorted.slice(0, options.most || Infinity).map(row => line(row))));
  if (options.total) node.append(element("tfoot", {}, line(options.total, "total")));
}
const F = name => row => row[name];
const STATISTICS = [
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
  table($("statistics"), STATISTICS, rows, { total: D.total, class: row => chosen.has(row.track) ? "chosen" : "", most: 2000,
    attributes: row => row === D.total ? {} : { tabindex: "0", title: "Show only this label in the charts", on: { click: () => toggle(row), keydown: event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(row); } } } } });
  const notes = [`Times in ms, from all samples; percentiles by ${D.estimation}. A click on a row shows that label alone in the charts.`];
  if (D.labels.some(label => label.transaction)) notes.push("The total leaves transactions out.");
  if (rows.length > 2000) notes.push(`The first 2,000 of ${whole.format(rows.length)} labels are shown: find narrows them down.`);
  if (D.labels.length > trackCount) notes.push(`In the charts, labels from the ${whole.format(trackCount)}th on share one line.`);
  $("statistics-note").textContent = notes.join(" ");
}
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

// ---- Cards, limits, synthetic distribution -------------------------------------------------------------------------
function cards() {
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
  $("cards").replaceChildren(...list.map(([name, value, kind]) => element("div", { class: "card " + kind }, element("b", {}, value), element("span", {}, name))));
  const parts = [D.sources.join(", ")];
  if (D.start !== null) parts.push(`${clock(D.start)} to ${clock(D.end)} (${span((D.end - D.start) / 1000)})`, `moments of ${span(WIDTH / 1000)}`);
  if (D.filtered) parts.push(`${whole.format(D.filtered)} rows left out by a filter`);
  if (D.undrawn) parts.push(`${whole.format(D.undrawn)} rows too far away in time for the charts`);
  $("subtitle").textContent = parts.join(" · ");
}
function limits() {
  $("limits").hidden = !D.rejected;
  const lines = [...D.limits, `${whole.format(D.rejected)} samples were turned away (429, or told to wait by Retry-After); users waited ${span(D.waited / 1000)} in all.`];
  $("limits-text").replaceChildren(...lines.map(line => element("p", {}, line)));
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

// ---- Choosing --------------------------------------------------------------------------------------------------
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
function refresh() { keep(); statistics(); synthetic(); tellChosen(); drawAll(); }
document.querySelectorAll("[data-outcome]").forEach(button => button.addEventListener("click", () => {
  outcome = button.dataset.outcome;
  tellOutcome();
  keep();
  drawAll();
}));
$("all-labels").addEventListener("click", () => { chosen.clear(); refresh(); });
$("reset-zoom").addEventListener("click", () => { zoom = null; refresh(); });
$("find").addEventListener("input", statistics);
$("theme").addEventListener("click", () => { chosenTheme = root.dataset.theme === "dark" ? "light" : "dark"; applyTheme(); refresh(); });
dark.addEventListener("change", () => { if (!chosenTheme) { applyTheme(); refresh(); } });
let resizing = 0;
addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => { for (const { plot, figure } of drawn.values()) if (plot) plot.setSize({ width: Math.max(240, figure.clientWidth - 24), height: plot.height }); }, 120); });
addEventListener("beforeprint", () => { if (root.dataset.theme === "dark") { root.dataset.theme = "light"; refresh(); } });
addEventListener("afterprint", () => { applyTheme(); refresh(); });

recall();
cards();
limits();
errorTables();
refresh();
})();
