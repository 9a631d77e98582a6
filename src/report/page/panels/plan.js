// The plan's tree, with the numbers of each label beside the elements of its name.
const withNumbers = () => {
  const labels = new Map(D.labels.map(label => [label.name, label]));
  // A name such as `item ${id}` stands for all labels that are like it.
  const patterns = new Map();
  const find = name => {
    if (!name.includes("${")) return labels.has(name) ? [labels.get(name)] : [];
    if (!patterns.has(name)) {
      const parts = name.split(/\$\{[^}]*\}/).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      // A name that is nothing but a variable would be all labels.
      const pattern = parts.some(part => part.trim()) ? new RegExp(`^${parts.join(".*?")}$`) : null;
      patterns.set(name, pattern ? D.labels.filter(label => pattern.test(label.name)) : []);
    }
    return patterns.get(name);
  };
  return dataOf({ name: "plan" }).map(([depth, name, type, enabled]) => {
    const found = enabled ? find(name) : [];
    const sum = key => found.reduce((sum, label) => sum + label[key], 0);
    const count = sum("count");
    return { depth, name, type, enabled, found, count, errors: sum("errors"),
             mean: count ? found.reduce((sum, label) => sum + label.mean * label.count, 0) / count : null,
             // Percentiles of several labels cannot be put together from theirs.
             p: found.length === 1 ? found[0].percentiles : null, rate: sum("throughput") };
  });
};
function planTree() {
  const rows = withNumbers();
  const most = Math.max(1, ...rows.map(row => row.count));
  const names = ["Element", "Samples", "Error %", "Average", ...percentNames, "Samples/s"];
  const cell = (text, kind) => element("td", { class: kind || null }, text);
  $("plan-tree").replaceChildren(
    element("thead", {}, element("tr", {}, ...names.map((name, i) => element("th", { class: i ? null : "text", scope: "col" }, name)))),
    element("tbody", {}, ...rows.map(row => element("tr", { class: [row.enabled ? "" : "off", row.found.some(label => chosen.has(label.track)) ? "chosen" : ""].join(" ").trim() || null },
      element("td", { class: "text", style: `padding-left:${0.6 + row.depth * 1.1}rem` }, row.name || row.type, element("span", { class: "tag" }, row.type.replace(/^.*\./, ""))),
      ...(row.count ? [
        element("td", { class: "bar-cell", style: `--part:${100 * row.count / most}%` }, whole.format(row.count)), cell(fixed(100 * row.errors / row.count), row.errors ? "bad" : ""), cell(fixed(row.mean)),
        ...percentNames.map((_, i) => cell(row.p ? number(row.p[i]) : "–")), cell(fixed(row.rate)),
      ] : names.slice(1).map(() => cell("")))))));
}
panel({
  name: "plan",
  title: "The plan",
  shown: data => !!data,
  make: section => section.append(
    element("p", { class: "note" }, "An element has the numbers of the label of its name; elements that share a name share them."),
    element("div", { class: "scroll" }, element("table", { id: "plan-tree" }))),
  choose: () => planTree(),
});
