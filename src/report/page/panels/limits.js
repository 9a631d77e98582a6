// What is known of a rate limit.
panel({
  name: "limits",
  title: "Rate limit",
  shown: () => D.rejected > 0,
  make: section => section.append(element("div", { id: "limits-text" })),
  fill() {
    const lines = [...D.limits, `${whole.format(D.rejected)} samples were turned away (429, or told to wait by Retry-After); users waited ${span(D.waited / 1000)} in all.`];
    $("limits-text").replaceChildren(...lines.map(line => element("p", {}, line)));
  },
  charts: [
    { wide: true, title: "Accepted, rejected and waiting", kind: TIME, make() {
        const tracks = summed();
        const allowed = (D.panels || {}).limits;
        const most = Math.max(...series(tracks, cell => perSecond(samplesIn(cell, "all"))).map(v => v || 0));
        // What a limit lets through after silence would flatten all the rest.
        const envelope = allowed ? [allowed.map(v => v === null ? null : Math.min(v, 1.5 * most))] : [];
        return { data: [series(tracks, cell => perSecond(samplesIn(cell, "all") - cell[10])), series(tracks, cell => perSecond(cell[10])), series(tracks, cell => cell[11] / 1000), ...envelope],
                 lines: [{ label: "Accepted/s", css: "--good", fill: true }, { label: "Rejected/s", css: "--bad" }, { label: "Waited (s)", hue: 4, scale: "waits", value: v => number(v, 1), hide: !D.waited },
                         ...envelope.map(() => ({ label: "The limit lets through/s", css: "--accent" }))], y: rate, right: D.waited ? "waits" : null };
      } },
  ],
});
