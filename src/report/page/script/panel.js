// A panel is a section of the page and one file in `panels`. It says what it is by calling `panel` with
//   name     its id, and the name of its data in `D.panels` (`PANELS` in page.rs)
//   title    its heading
//   shown    () => whether there is anything to show; always if it is not given
//   make     section => its fixed content, once, above its charts
//   fill     (section, data) => what depends on data alone
//   choose   (section, data) => what depends on what is chosen
//   charts   its charts (plot.js)
const PANELS = [];
function panel(given) {
  const section = element("section", { id: given.name }, given.title ? element("h2", {}, given.title) : null);
  if (given.make) given.make(section);
  const grid = element("div", { class: "charts" });
  const charts = given.charts || [];
  for (const chart of charts) chart.place = grid;
  if (charts.length) section.append(grid);
  document.querySelector("main").append(section);
  PANELS.push({ fill() {}, choose() {}, shown: () => true, ...given, charts, section });
}
const dataOf = each => (D.panels || {})[each.name];
function fillPanels() {
  for (const each of PANELS) {
    each.section.hidden = !each.shown(dataOf(each));
    if (!each.section.hidden) each.fill(each.section, dataOf(each));
  }
}
function choosePanels() {
  for (const each of PANELS) if (!each.section.hidden) each.choose(each.section, dataOf(each));
}
