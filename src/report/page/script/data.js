// What the page shows. `D` is set by `load`, once in a report and again and again on a live page.
let D, trackCount, requests, everything, weight, FIRST, BUCKETS, WIDTH, times, percentNames;
function load(data) {
  D = data;
  trackCount = D.tracks.length;
  requests = [];
  everything = [];
  for (let track = 0; track < trackCount; track++) {
    everything.push(track);
    if (!D.track_transactions[track]) requests.push(track);
  }
  weight = D.tracks.map(cells => cells.reduce((sum, cell) => sum + cell[9], 0));
  FIRST = D.first_bucket;
  BUCKETS = D.buckets;
  WIDTH = D.width_ms;
  times = Array.from({ length: BUCKETS }, (_, i) => (FIRST + i) * WIDTH / 1000);
  percentNames = D.percents.map(p => `${p}th pct`);
}

// ---- What is chosen --------------------------------------------------------------------------------------------
const chosen = new Set();
let outcome = "all";
let zoom = null;
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
// The axis of percentile curves, and the fractions that it stands for: it stretches towards 100 %.
function curveAxis() {
  const xs = [];
  for (let x = 0; x <= 4; x += 0.04) xs.push(x);
  return { fractions: xs.map(x => 1 - 10 ** -x),
           axis: { xs, x: x => number(100 * (1 - 10 ** -x), x > 2 ? 2 : x > 1 ? 1 : 0) + " %", splits: [0, 0.30103, 1, 1.30103, 2, 3, 4] } };
}
