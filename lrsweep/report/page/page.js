"use strict";
// Draws what the page's data holds. It chooses and computes nothing but where things go.
const data = JSON.parse(document.getElementById("data").textContent);
const byNumber = new Map(data.trials.map(t => [t.n, t]));
const state = { chosen: new Set(), sort: null, down: false, filter: "", shown: 100 };
const tip = document.getElementById("tip"), said = document.getElementById("said");

// -- small tools ---------------------------------------------------------------------------------

function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.filter(child => child != null));
  return node;
}

function svg(name, attributes = {}, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function number(value, digits = 4) {
  if (value == null) return "–";
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(digits - 2).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(digits)));
}

const words = text => String(text).replaceAll("_", " ");
const colour = index => `var(--s${index % 8})`;

function describe(trial) {
  const params = Object.entries(trial.params).map(([name, value]) => `${name} ${number(value)}`);
  const value = trial.value == null ? "" : `${data.metric} ${number(trial.value)}`;
  return [`trial ${trial.n}, ${words(trial.outcome)}`, value, ...params, trial.curve ? words(trial.curve) : ""]
    .filter(Boolean).join("\n");
}

function showTip(event, text) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 12, innerWidth - box.width - 8))}px`;
  tip.style.top = `${Math.max(4, event.clientY - box.height - 12)}px`;
}

const hideTip = () => { tip.hidden = true; };

// -- scales and shapes ---------------------------------------------------------------------------

function position(scale, value) {
  const f = scale.log ? Math.log : Number;
  const low = f(scale.low), high = f(scale.high);
  return high === low ? 0.5 : (f(value) - low) / (high - low);
}

function ticks(scale, most) {
  if (scale.log) {
    const first = Math.floor(Math.log10(scale.low)), last = Math.ceil(Math.log10(scale.high));
    const inside = steps => {
      const found = [];
      for (let p = first; p <= last; p++) for (const s of steps) {
        const v = s * 10 ** p;
        if (v >= scale.low * 0.9999 && v <= scale.high * 1.0001) found.push(Number(v.toPrecision(12)));
      }
      return found;
    };
    const decades = inside([1]), finer = inside([1, 2, 5]);
    const found = finer.length <= most ? finer : decades;
    if (found.length > 1) return found.filter((_, i) => i % Math.ceil(found.length / most) === 0);
  }
  const rough = (scale.high - scale.low) / Math.max(1, most), power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(n => n * power).find(s => s >= rough * 0.999);
  const found = [];
  for (let k = Math.ceil(scale.low / step - 1e-9); k * step <= scale.high + step * 1e-6; k++)
    found.push(Number((k * step).toPrecision(12)));
  return found;
}

const around = (values, log) => {
  let low = Infinity, high = -Infinity;
  for (const v of values) if (v != null && (!log || v > 0)) { low = Math.min(low, v); high = Math.max(high, v); }
  if (low > high) return null;
  if (low === high) { low = log ? low / 2 : low - (Math.abs(low) / 2 || 1); high = log ? high * 2 : high + (Math.abs(high) / 2 || 1); }
  if (log) { const k = (high / low) ** 0.04; return { low: low / k, high: high * k, log }; }
  const room = 0.03 * (high - low);
  return { low: low - room, high: high + room, log };
};

const PATHS = {
  circle: "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0", triangle: "M0,-5L5,4L-5,4Z", square: "M-4,-4H4V4H-4Z",
  diamond: "M0,-5.5L5,0L0,5.5L-5,0Z", cross: "M-4,-4L4,4M4,-4L-4,4", star: "M0,-7L1.8,-2.2L7,-2L3,1.4L4.3,6.5L0,3.6L-4.3,6.5L-3,1.4L-7,-2L-1.8,-2.2Z",
  dot: "M-2,0a2,2 0 1,0 4,0a2,2 0 1,0 -4,0", bang: "M-1.2,-5H1.2L.6,1.5H-.6ZM-1,3H1V5H-1Z",
};

function mark(shape, tone) {
  const open = shape === "cross" || shape.startsWith("open ");
  const path = svg("path", { d: PATHS[shape.replace("open ", "")] ?? PATHS.circle });
  path.style.cssText = open ? `fill:none;stroke:${tone};stroke-width:2` : `fill:${tone}`;
  return path;
}

// -- one chart -----------------------------------------------------------------------------------

class Chart {
  // spec: { title, x, y, xLabel, yLabel, series: [{label, tone, shape, points, line}], shades, notes }
  constructor(spec) {
    this.spec = spec;
    this.at = -1;
    this.holder = el("div");
    this.figure = el("figure", {}, el("figcaption", {}, spec.title), this.holder, this.legend(), ...(spec.notes ?? []).map(n => el("div", { class: "note" }, n)));
    new ResizeObserver(() => this.draw()).observe(this.holder);
  }

  set(spec) { this.spec = spec; this.draw(); }

  legend() {
    const legend = el("div", { class: "legend" });
    for (const s of this.spec.series) if (s.label && s.points.length && legend.childElementCount < 14) {
      const key = svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" });
      key.append(mark(s.shape ?? "circle", s.tone));
      legend.append(el("span", {}, key, s.label));
    }
    for (const s of this.spec.shades ?? []) {
      const key = svg("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" });
      const box = svg("rect", { width: 12, height: 12 });
      box.style.fill = `var(--${s.kind})`;
      box.style.stroke = s.kind === "band" ? "var(--good)" : "var(--bad)";
      key.append(box);
      legend.append(el("span", {}, key, s.label));
    }
    return legend;
  }

  draw() {
    const width = this.holder.clientWidth;
    if (!width) return;
    const { spec } = this, height = spec.height ?? 280;
    const room = { left: 58, right: 12, top: 14, bottom: 40 };
    const inner = { w: Math.max(10, width - room.left - room.right), h: height - room.top - room.bottom };
    const x = v => room.left + position(spec.x, v) * inner.w;
    const y = v => room.top + (1 - Math.max(0, Math.min(1, v === "high" ? 1 : v === "low" ? 0 : position(spec.y, v)))) * inner.h;
    const root = svg("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, height, role: "application", tabindex: 0,
      "aria-label": `${spec.title}. ${spec.summary ?? ""} Arrow keys move from point to point, Enter chooses.` });
    for (const s of spec.shades ?? []) {
      const a = Math.max(0, Math.min(1, position(spec.x, s.low))), b = Math.max(0, Math.min(1, position(spec.x, s.high)));
      const box = svg("rect", { x: room.left + a * inner.w, y: room.top, width: Math.max(2, (b - a) * inner.w), height: inner.h });
      box.style.fill = `var(--${s.kind})`;
      root.append(box);
    }
    for (const t of ticks(spec.y, 6)) {
      root.append(svg("line", { class: "axis", x1: room.left, x2: width - room.right, y1: y(t), y2: y(t) }),
        svg("text", { x: room.left - 6, y: y(t) + 4, "text-anchor": "end" }, number(t)));
    }
    for (const t of spec.xTicks ?? ticks(spec.x, Math.max(2, Math.floor(inner.w / 70))))
      root.append(svg("line", { class: "axis", x1: x(t), x2: x(t), y1: room.top, y2: room.top + inner.h }),
        svg("text", { x: x(t), y: height - 22, "text-anchor": "middle" }, number(t)));
    root.append(svg("text", { class: "label", x: room.left + inner.w / 2, y: height - 4, "text-anchor": "middle" }, spec.xLabel ?? ""),
      svg("text", { class: "label", x: 4, y: 11 }, spec.yLabel ?? ""));
    this.places = [];
    for (const s of spec.series) this.drawSeries(root, s, x, y);
    this.places.sort((a, b) => a.x - b.x || a.y - b.y);
    this.ring = svg("circle", { r: 9, fill: "none", stroke: "var(--link)", "stroke-width": 2, visibility: "hidden" });
    this.band = svg("rect", { fill: "var(--band)", stroke: "var(--link)", visibility: "hidden" });
    root.append(this.ring, this.band);
    this.listen(root);
    const focused = this.holder.contains(document.activeElement);
    this.holder.replaceChildren(root);
    if (focused) {
      root.focus({ preventScroll: true });
      this.ringAt(this.places[this.at]);
    }
  }

  drawSeries(root, s, x, y) {
    const faint = state.chosen.size && s.trial !== undefined && !state.chosen.has(s.trial);
    if (s.line) {
      let d = "", pen = "M";
      for (const [px, py] of s.points) {
        if (py == null || (this.spec.y.log && typeof py === "number" && py <= 0)) { pen = "M"; continue; }
        d += `${pen}${x(px).toFixed(1)},${y(py).toFixed(1)}`;
        pen = "L";
      }
      const path = svg("path", { d, fill: "none", "stroke-width": faint ? 1 : s.wide ?? 1.5, opacity: faint ? 0.15 : s.opacity ?? 0.85 });
      path.style.stroke = s.tone;
      if (s.dashed) path.setAttribute("stroke-dasharray", s.dashed);
      root.append(path);
    }
    if (!s.shape && !s.line) return;
    for (const [px, py, trial] of s.points) {
      if (py == null) continue;
      const place = { x: x(px), y: y(py), trial: trial ?? s.trial, label: s.label, px, py };
      this.places.push(place);
      if (s.line && !s.shape) continue;
      const point = mark(s.shape, s.tone);
      point.setAttribute("transform", `translate(${place.x.toFixed(1)},${place.y.toFixed(1)})`);
      if (state.chosen.size && trial !== undefined && !state.chosen.has(trial)) point.setAttribute("opacity", 0.25);
      root.append(point);
    }
  }

  text(place) {
    const trial = byNumber.get(place.trial);
    const at = `${this.spec.xLabel ?? "x"} ${number(place.px)}, ${this.spec.yLabel ?? "y"} ${typeof place.py === "number" ? number(place.py) : "off the scale"}`;
    return trial ? (this.spec.curves ? `${at}\n` : "") + describe(trial) : [place.label, at].filter(Boolean).join("\n");
  }

  nearest(event, root) {
    const box = root.getBoundingClientRect(), k = root.viewBox.baseVal.width / box.width;
    const mx = (event.clientX - box.left) * k, my = (event.clientY - box.top) * k;
    let best = null, least = 400;
    for (const p of this.places) {
      const d = (p.x - mx) ** 2 + (p.y - my) ** 2;
      if (d < least) { least = d; best = p; }
    }
    return { best, mx, my };
  }

  ringAt(place) {
    this.ring.setAttribute("visibility", place ? "visible" : "hidden");
    if (place) { this.ring.setAttribute("cx", place.x); this.ring.setAttribute("cy", place.y); }
  }

  listen(root) {
    let from = null;
    root.addEventListener("pointerdown", e => { const { mx, my } = this.nearest(e, root); from = { mx, my }; });
    root.addEventListener("pointermove", e => {
      const { best, mx, my } = this.nearest(e, root);
      if (from && e.buttons && (Math.abs(mx - from.mx) > 6 || Math.abs(my - from.my) > 6) && e.pointerType === "mouse") {
        const a = { x: Math.min(mx, from.mx), y: Math.min(my, from.my), width: Math.abs(mx - from.mx), height: Math.abs(my - from.my) };
        for (const [k, v] of Object.entries(a)) this.band.setAttribute(k, v);
        this.band.setAttribute("visibility", "visible");
        from.box = a;
        hideTip();
        return;
      }
      this.ringAt(best);
      best ? showTip(e, this.text(best)) : hideTip();
    });
    root.addEventListener("pointerleave", () => { this.ringAt(null); hideTip(); from = null; });
    root.addEventListener("pointerup", e => {
      const box = from?.box;
      if (box) {
        const inside = this.places.filter(p => p.trial !== undefined && p.x >= box.x && p.x <= box.x + box.width && p.y >= box.y && p.y <= box.y + box.height);
        choose(inside.map(p => p.trial), true);
      } else {
        const { best } = this.nearest(e, root);
        if (best?.trial !== undefined) { toggle(best.trial); openTrial(best.trial, false); }
      }
      from = null;
    });
    root.addEventListener("keydown", e => {
      const move = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[e.key];
      if (move && this.places.length) {
        e.preventDefault();
        this.at = (this.at + move + this.places.length) % this.places.length;
        const place = this.places[this.at];
        this.ringAt(place);
        said.textContent = this.text(place);
        const box = root.getBoundingClientRect();
        showTip({ clientX: box.left + place.x, clientY: box.top + place.y }, this.text(place));
      } else if ((e.key === "Enter" || e.key === " ") && this.places[this.at]?.trial !== undefined) {
        e.preventDefault();
        toggle(this.places[this.at].trial);
        openTrial(this.places[this.at].trial, false);
      } else if (e.key === "Escape") hideTip();
    });
    root.addEventListener("blur", hideTip);
  }
}

const charts = [];
const redraw = () => { for (const chart of charts) chart.draw(); drawCurves(); drawTable(); };

function choose(numbers, replace) {
  if (replace) state.chosen.clear();
  for (const n of numbers) state.chosen.add(n);
  said.textContent = `${state.chosen.size} trials chosen`;
  redraw();
}

function toggle(n) {
  state.chosen.has(n) ? state.chosen.delete(n) : state.chosen.add(n);
  redraw();
}

// -- sections ------------------------------------------------------------------------------------

const section = (id, title) => {
  const node = document.getElementById(id);
  node.replaceChildren(el("h2", {}, title));
  return node;
};

function tone(series) {
  if (series.label === "best") return "var(--good)";
  if (series.shape === "cross") return "var(--bad)";
  if (series.shape === "bang") return "var(--warn)";
  if (series.kind == null) return "var(--soft)";
  return series.thin ? "var(--soft)" : colour(series.kind);
}

function drawLandscape() {
  if (!data.charts.length) return;
  const node = section("landscape", "Learning rate");
  const grid = el("div", { class: "grid" });
  for (const one of data.charts) {
    const chart = new Chart({ ...one, series: one.series.map(s => ({ ...s, tone: tone(s) })) });
    charts.push(chart);
    grid.append(chart.figure);
  }
  node.append(grid, el("p", { class: "note" }, "Click a point to see its trial; drag over points to choose several, whose curves are then shown."));
}

function drawScaling() {
  const found = data.scaling;
  if (!found) return;
  const node = section("scaling", "Batch size");
  const series = [];
  found.series.forEach((s, i) => {
    series.push({ label: s.label, tone: colour(i), shape: ["circle", "triangle", "square", "diamond"][i % 4], points: s.points.map(p => [p.x, p.y, p.trial]), line: true });
    for (const p of s.points) if (p.low != null) series.push({ label: "", tone: colour(i), line: true, points: [[p.x, p.low], [p.x, p.high]], wide: 4, opacity: 0.3 });
  });
  const sizes = [...new Set(found.series.flatMap(s => s.points.map(p => p.x)))];
  const all = found.series.flatMap(s => s.points.flatMap(p => [p.y, p.low, p.high]));
  const chart = new Chart({ title: found.title, xLabel: found.x, yLabel: found.y, series, summary: found.note, xTicks: sizes,
    x: around(sizes, true), y: around(all, true), notes: [found.note] });
  charts.push(chart);
  node.append(chart.figure);
}

const curveState = { metric: data.curves.metrics[0], axis: "step", log: false, smooth: 0, which: "best" };
let curveChart, curvePanels = [];

function smoothed(values, strength) {
  if (!strength) return values;
  let held = null;
  const keep = strength / 100;
  return values.map(v => { if (v == null) return null; held = held == null ? v : keep * held + (1 - keep) * v; return held; });
}

function trialsOfCurves() {
  if (state.chosen.size) return [...state.chosen];
  const every = data.trials.map(t => t.n);
  return curveState.which === "all" ? every : every.slice(0, 10);
}

function curveSpec(metric, title, height) {
  const held = data.curves.by[metric] ?? {}, numbers = trialsOfCurves().filter(n => held[n]);
  const axis = curveState.axis;
  const series = numbers.map((n, i) => {
    const [at, values, seen] = held[n], xs = data.curves.axes[axis === "examples" && seen != null ? seen : at];
    const drawn = smoothed(values, curveState.smooth);
    return { label: numbers.length <= 12 ? `trial ${n}` : "", trial: n, line: true, shape: values.length === 1 ? "circle" : undefined,
      tone: n === data.best ? "var(--good)" : colour(i), wide: n === data.best ? 2.5 : 1.5, opacity: numbers.length > 40 ? 0.4 : 0.85,
      points: drawn.map((v, k) => [xs[k], v, n]).filter(p => p[0] != null) };
  });
  const values = series.flatMap(s => s.points.map(p => p[1])).filter(v => v != null);
  const log = curveState.log && values.every(v => v > 0);
  let y = around(values, log);
  if (y && !log && values.length > 20) {
    const sorted = [...values].sort((a, b) => a - b), high = sorted[Math.floor(sorted.length * 0.98)];
    if (y.high > high + 3 * (high - y.low)) y = { ...y, high };
  }
  const x = around(series.flatMap(s => s.points.map(p => p[0])), false);
  return x && y ? { title, x, y, xLabel: axis === "examples" ? data.curves.examples : "step", yLabel: metric, series, curves: true, height } : null;
}

function drawCurves() {
  if (!curveChart) return;
  const which = state.chosen.size ? `${state.chosen.size} chosen` : curveState.which === "all" ? `all ${data.trials.length}` : "the 10 best";
  curveChart.holder.parentElement.firstChild.textContent = `${curveState.metric}, ${which} trials`;
  const spec = curveSpec(curveState.metric, curveState.metric, 340);
  if (spec) { curveChart.spec = spec; curveChart.draw(); curveChart.figure.querySelector(".legend").replaceWith(curveChart.legend()); }
  else curveChart.holder.replaceChildren(el("p", { class: "note" }, "None of these trials reported it."));
  for (const [metric, chart] of curvePanels) {
    const panel = curveSpec(metric, metric, 200);
    if (panel) { chart.spec = panel; chart.draw(); }
  }
}

function drawCurveSection() {
  if (!data.curves.metrics.length) return;
  const node = section("curves", "Curves");
  const change = (key, read) => e => { curveState[key] = read(e.target); drawCurves(); };
  const options = data.curves.metrics.map(m => el("option", { value: m }, m));
  node.append(el("div", { class: "controls" },
    el("label", {}, "Metric", el("select", { id: "metric", onchange: change("metric", t => t.value) }, ...options)),
    el("label", {}, "Trials", el("select", { id: "which", onchange: change("which", t => t.value) }, el("option", { value: "best" }, "10 best"), el("option", { value: "all" }, "all"))),
    data.curves.examples ? el("label", {}, "By", el("select", { id: "axis", onchange: change("axis", t => t.value) }, el("option", { value: "step" }, "step"), el("option", { value: "examples" }, data.curves.examples))) : null,
    el("label", {}, el("input", { type: "checkbox", id: "log", onchange: change("log", t => t.checked) }), "Logarithmic"),
    el("label", {}, "Smoothing", el("input", { type: "range", id: "smooth", min: 0, max: 95, value: 0, oninput: change("smooth", t => Number(t.value)) })),
    el("button", { type: "button", id: "clear", onclick: () => choose([], true) }, "Choose none")));
  curveChart = new Chart(curveSpec(curveState.metric, curveState.metric, 340) ?? { title: "", series: [], x: { low: 0, high: 1 }, y: { low: 0, high: 1 } });
  node.append(curveChart.figure);
  const grid = el("div", { class: "grid" });
  for (const metric of data.curves.panels) {
    const spec = curveSpec(metric, metric, 200);
    if (!spec) continue;
    const chart = new Chart(spec);
    chart.figure.querySelector(".legend").remove();
    curvePanels.push([metric, chart]);
    grid.append(chart.figure);
  }
  if (curvePanels.length) node.append(el("h3", {}, "Schedule and gradients"), grid);
  drawCurves();
}

class Parallel {
  constructor(node) {
    this.holder = el("div");
    node.append(this.holder);
    new ResizeObserver(() => this.draw()).observe(this.holder);
  }

  draw() {
    const width = this.holder.clientWidth;
    if (!width) return;
    const { axes, lines } = data.parallel, height = 300, top = 34, bottom = 20, left = 50;
    const root = svg("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": `Parameters of ${lines.length} trials, one line each; the table below has the same values.` });
    const x = i => left + (i * (width - 2 * left)) / Math.max(1, axes.length - 1);
    const y = (axis, v) => {
      const at = axis.values ? (axis.values.length < 2 ? 0.5 : axis.values.indexOf(v) / (axis.values.length - 1)) : position(axis, v);
      return top + (1 - at) * (height - top - bottom);
    };
    for (const line of [...lines].reverse()) {
      const chosen = state.chosen.has(line.n), faint = state.chosen.size && !chosen;
      const points = axes.map((axis, i) => [x(i), line.v[i] == null ? null : y(axis, line.v[i])]).filter(p => p[1] != null && isFinite(p[1]));
      const path = svg("path", { d: "M" + points.map(p => p.map(v => v.toFixed(1)).join(",")).join("L"), fill: "none", opacity: faint ? 0.08 : 0.25 + 0.6 * line.rank, "stroke-width": line.n === data.best || chosen ? 2.5 : 1 });
      path.style.stroke = line.n === data.best ? "var(--good)" : line.rank > 0.75 ? "var(--link)" : "var(--soft)";
      path.addEventListener("pointermove", e => showTip(e, describe(byNumber.get(line.n))));
      path.addEventListener("pointerleave", hideTip);
      path.addEventListener("click", () => { toggle(line.n); openTrial(line.n, false); });
      root.append(path);
    }
    axes.forEach((axis, i) => {
      root.append(svg("line", { class: "axis", x1: x(i), x2: x(i), y1: top, y2: height - bottom }), svg("text", { class: "label", x: x(i), y: 14, "text-anchor": "middle" }, axis.name));
      const marks = axis.values ?? ticks(axis, 5);
      for (const v of marks.slice(0, 12)) root.append(svg("text", { class: "halo", x: x(i) + 5, y: y(axis, v) + 4 }, typeof v === "number" ? number(v, 3) : String(v)));
    });
    this.holder.replaceChildren(root);
  }
}

function drawParallel() {
  if (data.parallel.axes.length < 3) return;
  const parallel = new Parallel(section("parallel", "Parameters together"));
  charts.push(parallel);
}

function drawImportance() {
  const found = data.importance;
  if (!found || !found.shares.length) return;
  const node = section("importance", "Which parameters matter");
  const most = Math.max(...found.shares.map(s => s.share));
  const table = el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "parameter"), el("th", { class: "n" }, "share"), el("th", { "aria-hidden": "true" }, ""))));
  const body = el("tbody");
  for (const s of found.shares) {
    const bar = el("div");
    bar.style.cssText = `height:.8rem;border-radius:3px;background:var(--s0);width:${(100 * s.share) / most}%`;
    body.append(el("tr", {}, el("td", {}, s.name), el("td", { class: "n" }, `${Math.round(100 * s.share)} %`), el("td", { "aria-hidden": "true", style: "width:60%" }, bar)));
  }
  table.append(body);
  node.append(el("div", { class: "scroll" }, table), el("p", { class: "note" }, found.note));
}

// -- the table -----------------------------------------------------------------------------------

let tableBody, tableCount, tableMore;

function rowsShown() {
  const wanted = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
  let rows = data.trials.map((trial, i) => [trial, data.cells[i]]);
  if (wanted.length) rows = rows.filter(([, cells]) => wanted.every(word => cells.some((c, i) => matches(word, c, data.columns[i].name))));
  if (state.sort != null) {
    const key = row => row[1][state.sort];
    rows.sort((a, b) => {
      const [u, v] = [key(a), key(b)];
      if (u == null || v == null) return (u == null) - (v == null);
      const order = typeof u === "number" && typeof v === "number" ? u - v : String(u).localeCompare(String(v));
      return state.down ? -order : order;
    });
  }
  return rows;
}

function matches(word, cell, name) {
  const found = word.match(/^(.+?)(<=|>=|=|<|>)(.+)$/);
  if (!found) return cell != null && words(cell).toLowerCase().includes(words(word));
  if (found[1] !== name.toLowerCase() || cell == null) return false;
  const [a, b] = [Number(cell), Number(found[3])];
  if (Number.isNaN(a) || Number.isNaN(b)) return found[2] === "=" && words(cell).toLowerCase() === words(found[3]);
  return { "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b, "=": a === b }[found[2]];
}

function drawTable() {
  if (!tableBody) return;
  const rows = rowsShown(), tones = data.tones;
  tableBody.replaceChildren(...rows.slice(0, state.shown).map(([trial, cells]) => {
    const row = el("tr", { class: `${trial.n === data.best ? "best" : ""} ${state.chosen.has(trial.n) ? "chosen" : ""}` });
    cells.forEach((cell, i) => {
      const column = data.columns[i];
      if (i === 0) row.append(el("td", { class: "n" }, el("input", { type: "checkbox", "aria-label": `choose trial ${trial.n}`, ...(state.chosen.has(trial.n) ? { checked: true } : {}), onchange: () => toggle(trial.n) }), " ",
        el("button", { type: "button", onclick: () => openTrial(trial.n, true) }, String(trial.n))));
      else row.append(el("td", { class: column.numbers ? "n" : `text ${column.name === "outcome" ? tones[cell] ?? "" : ""}`, title: typeof cell === "string" && cell.length > 30 ? cell : null }, typeof cell === "string" ? words(cell) : cell == null ? "" : number(cell)));
    });
    return row;
  }));
  tableCount.textContent = `${rows.length} of ${data.trials.length} trials`;
  tableMore.hidden = rows.length <= state.shown;
}

function drawTrials() {
  const node = section("trials", "Trials");
  if (!data.trials.length) { node.append(el("p", {}, "No trial has ended yet.")); return; }
  tableCount = el("span", { class: "note", "aria-live": "polite" });
  tableMore = el("button", { type: "button", id: "more", onclick: () => { state.shown += 200; drawTable(); } }, "Show more");
  const heads = data.columns.map((column, i) => el("th", { class: column.numbers ? "n" : "", scope: "col" }, el("button", { type: "button", onclick: e => {
    state.down = state.sort === i ? !state.down : false;
    state.sort = i;
    for (const th of node.querySelectorAll("th")) th.removeAttribute("aria-sort");
    e.currentTarget.parentElement.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    drawTable();
  } }, column.name)));
  tableBody = el("tbody");
  node.append(el("div", { class: "controls" },
    el("label", {}, "Filter", el("input", { type: "search", id: "filter", placeholder: "completed lr<0.1", oninput: e => { state.filter = e.target.value; drawTable(); } })), tableCount),
  el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table of trials" }, el("table", {}, el("thead", {}, el("tr", {}, ...heads)), tableBody)), tableMore);
  drawTable();
}

function copyable(line) {
  return el("div", { class: "copy" }, el("pre", {}, line), el("button", { type: "button", class: "copier" }, "Copy"));
}

function openTrial(n, focus) {
  const trial = byNumber.get(n), node = document.getElementById("trial");
  if (!trial) return;
  const facts = el("dl", { class: "facts" });
  const pairs = [["outcome", words(trial.outcome)], ["reason", trial.reason], [data.metric, trial.value == null ? "" : number(trial.value, 6)], ["curve", trial.curve ? words(trial.curve) : ""],
    ...Object.entries(trial.params).map(([k, v]) => [k, v === null ? "null" : String(v)]), ...trial.facts];
  for (const [name, value] of pairs) if (value !== "" && value != null) facts.append(el("dt", {}, name), el("dd", {}, String(value)));
  node.hidden = false;
  node.replaceChildren(el("h2", { tabindex: -1 }, `Trial ${n}`), facts,
    ...(trial.command ? [el("h3", {}, "Command"), copyable(trial.command)] : []),
    ...trial.logs.flatMap(([title, text]) => [el("h3", {}, title), el("pre", { tabindex: 0 }, text)]),
    el("button", { type: "button", onclick: () => { node.hidden = true; document.getElementById("trials").scrollIntoView(); } }, "Close"));
  if (focus) { node.scrollIntoView({ block: "nearest" }); node.querySelector("h2").focus({ preventScroll: true }); }
}

// -- the whole page ------------------------------------------------------------------------------

document.addEventListener("click", async event => {
  const button = event.target.closest("button.copier");
  if (!button) return;
  const line = button.parentElement.querySelector("pre").textContent;
  try { await navigator.clipboard.writeText(line); button.textContent = "Copied"; }
  catch { getSelection().selectAllChildren(button.parentElement.querySelector("pre")); button.textContent = "Selected"; }
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
});

const themeButton = document.getElementById("theme");
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  themeButton.setAttribute("aria-pressed", dark);
}
themeButton.addEventListener("click", () => setTheme(document.documentElement.dataset.theme !== "dark"));
setTheme(matchMedia("(prefers-color-scheme: dark)").matches);

// What stands above is painted first.
requestAnimationFrame(() => setTimeout(() => {
  drawLandscape();
  drawScaling();
  drawCurveSection();
  drawParallel();
  drawImportance();
  drawTrials();
  document.documentElement.dataset.ready = "true";
}));
if (data.watch) setTimeout(() => location.reload(), 1000 * data.watch);
