// What happened when.
panel({
  name: "over-time",
  title: "Over time",
  charts: [
    { wide: true, title: "Users, throughput and errors", kind: TIME, make() {
        const tracks = summed();
        return { data: [series(tracks, cell => perSecond(samplesIn(cell))), series(tracks, cell => perSecond(countOf(cell[2]))),
                        series(tracks, cell => perSecond(cell[10])), D.users.all, series(tracks, cell => cell[11] / 1000)],
                 lines: [{ label: "Samples/s", css: "--accent", fill: true }, { label: "Errors/s", css: "--bad" }, { label: "Rejected/s", css: "--warn", hide: !D.rejected },
                         { label: "Users", css: "--soft", scale: "users", value: v => number(v, 0), step: true, gaps: true },
                         { label: "Waited (s)", hue: 4, scale: "waits", value: v => number(v, 1), hide: !D.waited }],
                 y: rate, right: "users" };
      } },
    { title: "Response time percentiles over time", kind: TIME, y: millis, make() {
        const fractions = [0.5, ...D.percents.map(p => p / 100), 1];
        const rows = stepsByBucket(summed()).map(steps => steps ? quantiles(steps, fractions) : fractions.map(() => null));
        return { data: fractions.map((_, i) => rows.map(row => row[i])), y: millis,
                 lines: ["Median", ...percentNames, "Max"].map((label, i) => ({ label, hue: i })) };
      } },
    { title: "Heat map of response times", note: "the stronger the colour, the more samples", kind: TIME, make() {
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
    { title: "Mean response time by label", kind: TIME, make: () => ({ ...byLabel(track => means(track, 3)), y: millis }) },
    { title: "Transactions per second by label", kind: TIME, make: () => ({ ...byLabel(track => series([track], cell => perSecond(samplesIn(cell)))), y: rate }) },
    { title: "Total transactions per second", note: "transactions of the plan included", kind: TIME, make() {
        const tracks = chosen.size ? [...chosen] : everything;
        return { data: [series(tracks, cell => perSecond(countOf(cell[1]))), series(tracks, cell => perSecond(countOf(cell[2])))], y: rate,
                 lines: [{ label: "Passed", css: "--good" }, { label: "Failed", css: "--bad" }] };
      } },
    { title: "Hits per second", note: "samples by their start", kind: TIME, make: () => ({ data: [series(summed(), cell => perSecond(cell[9]))], lines: [{ label: "Hits", css: "--accent", fill: true }], y: rate }) },
    { title: "Response codes per second", note: "all labels", kind: TIME, make: () => ({ data: D.users.codes.map(code => code[1].map(v => v === null ? 0 : perSecond(v))), lines: D.users.codes.map((code, i) => ({ label: code[0] || "(none)", hue: i })), y: rate }) },
    { title: "Active users by group", note: "all labels", kind: TIME, make: () => ({ data: D.users.groups.map(group => group[1]), lines: D.users.groups.map((group, i) => ({ label: group[0], hue: i })), y: v => number(v, 1) }) },
    { title: "Bytes per second", kind: TIME, make: () => ({ data: [series(summed(), cell => perSecond(cell[7])), series(summed(), cell => perSecond(cell[8]))], lines: [{ label: "Received", hue: 0 }, { label: "Sent", hue: 1 }], y: bytes }) },
    { title: "Mean latency by label", note: "to the first byte", kind: TIME, make: () => ({ ...byLabel(track => means(track, 5)), y: millis }) },
    { title: "Mean connect time by label", kind: TIME, make: () => ({ ...byLabel(track => means(track, 6)), y: millis }) },
  ],
});
