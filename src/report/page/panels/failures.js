// What was sent and what came back where samples failed. What a server sent is text here, whatever it looks like.
const bodyOf = body => !body ? null
  : body.text !== undefined ? body.text + (body.cut ? "\n…" : "")
  : body.binary !== undefined ? `(${whole.format(body.binary)} bytes that are no text)`
  : `(${whole.format(body.unread)} bytes, which were let go unread)`;
const half = (title, head, body) => {
  const text = [head.trimEnd(), bodyOf(body)].filter(Boolean).join("\n\n");
  return element("div", { class: "half" }, element("h4", {}, title), element("pre", {}, text || "(nothing)"));
};
const exchangeOf = each => element("div", { class: "exchange" },
  element("p", { class: "note" }, `${clock(each.start)} · ${millis(each.elapsed)}${each.thread ? ` · ${each.thread}` : ""}`),
  each.failure_message ? element("p", { class: "reason" }, each.failure_message) : null,
  element("div", { class: "halves" }, half("Sent", each.request, each.request_body), half("Received", each.response, each.response_body)));
function failureOf(kind, open) {
  const known = kind.exchanges.length;
  const head = [element("b", {}, kind.label || "(no label)"), ` ${kind.code} ${kind.message} `,
    element("span", { class: "tag" }, known && known < kind.count ? `first ${known} of ${whole.format(kind.count)}` : whole.format(kind.count))];
  const node = known
    ? element("details", { class: "failure", open }, element("summary", {}, ...head), ...kind.exchanges.map(exchangeOf))
    : element("p", { class: "failure" }, ...head);
  node.kind = kind;
  return node;
}
const sameKind = (a, b) => a.label === b.label && a.code === b.code && a.message === b.message;

panel({
  name: "failures",
  title: "Failures in full",
  shown: data => !!data && D.total.errors > 0,
  make(section) {
    section.append(element("p", { id: "failures-note", class: "note" }), element("div", { id: "failures-list" }));
    // What is folded away is not on paper.
    let folded = [];
    addEventListener("beforeprint", () => { folded = [...section.querySelectorAll("details:not([open])")]; folded.forEach(node => { node.open = true; }); });
    addEventListener("afterprint", () => { folded.forEach(node => { node.open = false; }); folded = []; });
  },
  fill(section, data) {
    const known = data.kinds.some(kind => kind.exchanges.length);
    const rest = data.of_other_kinds ? ` ${whole.format(data.of_other_kinds)} failures were of further kinds.` : "";
    $("failures-note").textContent = known
      ? `The first of each label, code and message; long texts are cut, secrets hidden.${rest}`
      : "What was sent and received is known from a run that makes its report itself (-e), and from XML result files that hold it.";
    const list = $("failures-list"), text = JSON.stringify(data.kinds);
    // While a run goes on, nothing changes under the reader's eyes unless there is something new.
    if (list.shown === text) return;
    list.shown = text;
    const open = [...list.querySelectorAll("details[open]")].map(node => node.kind);
    list.replaceChildren(...(known ? data.kinds.map(kind => failureOf(kind, open.some(one => sameKind(one, kind)))) : []));
  },
  choose() {
    const names = new Set([...chosen].map(track => D.track_names[track]));
    for (const node of $("failures-list").children) node.hidden = names.size > 0 && !names.has(node.kind.label);
  },
});
