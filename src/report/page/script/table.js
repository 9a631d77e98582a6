// Tables that sort by a click on a column.
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
