// Charts. Each is an object with a title, a note, the kind of its x axis, and `make()`, which gives what is drawn for the
// present choice: { xs, data, lines, y, … }, or null.
const TIME = "time", PLAIN = "plain";
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
    if (line.thin) { out.width = 1; out.dash = [5, 3]; }
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
  if (!old) chart.place.append(figure);
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
  for (const each of PANELS) if (!each.section.hidden) for (const chart of each.charts) if (which(chart)) draw(chart);
}
