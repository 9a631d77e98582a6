// What everything else on the page stands on: figures as text, elements, colours. The files are joined in the order of
// `SCRIPTS` in page.rs and share one scope.
addEventListener("error", event => {
  const line = document.createElement("p");
  line.className = "broken";
  line.textContent = `This page could not be drawn: ${event.message}`;
  document.querySelector("main").prepend(line);
});
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

const rate = v => v === null ? "–" : number(v) + "/s";
const bytes = v => v === null ? "–" : v >= 1048576 ? number(v / 1048576) + " MB/s" : number(v / 1024) + " KB/s";
