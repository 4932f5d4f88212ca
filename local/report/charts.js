"use strict";
// Draws a widget's rows as SVG. A market day stands beside the next one, so that weekends leave no gap.
const COLOURS = 6, DASHES = ["", "6 4", "2 3", "9 3 2 3", "1 2", "12 4"];

function node(name, attributes, ...children) {
  const svg = ["svg", "g", "line", "path", "rect", "circle", "text", "title"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const colour = at => `var(--c${at % COLOURS + 1})`;
const compact = new Intl.NumberFormat("en", {notation: "compact", maximumFractionDigits: 2});
const plain = new Intl.NumberFormat("en", {maximumSignificantDigits: 6});
const whole = new Intl.NumberFormat("en");

// A number as people read it, with its unit.
function words(value, unit) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  const abs = Math.abs(value);
  if (unit === "%") return `${(value * 100).toFixed(abs && abs < 0.0001 ? 4 : 2)} %`;
  if (unit === "USD") return (value < 0 ? "−" : "") + "$" + (abs >= 1e6 ? compact.format(abs) : abs.toLocaleString("en", {maximumFractionDigits: abs < 1 ? 6 : 2}));
  if (Number.isInteger(value)) return abs >= 1e7 ? compact.format(value) : whole.format(value);
  return abs >= 1e6 ? compact.format(value) : plain.format(value);
}

// Round steps that cover what lies between two numbers.
function ticks(low, high, most) {
  const raw = (high - low) / most || Math.abs(high) || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(each => each * power).find(each => each >= raw);
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
  return Array.from({length: Math.max(1, last - first) + 1}, (_, at) => (first + at) * step);
}

// What is drawn: series of points, from the columns that go up or from the values of the colour.
function series(widget, rows) {
  const across = widget.across, made = [];
  const groups = widget.colour ? [...new Set(rows.map(row => row[widget.colour.name]))].sort() : [null];
  for (const group of groups) for (const up of widget.up) {
    const points = rows.filter(row => (group === null || row[widget.colour.name] === group) && row[up.name] !== null && row[across.name] !== null)
      .map(row => ({x: row[across.name], y: row[up.name]})).sort((a, b) => a.x < b.x ? -1 : a.x > b.x ? 1 : 0);
    if (points.length) made.push({label: group === null ? up.label : String(group), unit: up.unit, points});
  }
  return made;
}

// Where a number was said to lie: both ends of each place, in the colour of what goes up last.
function band(widget, rows, drawn) {
  if (!widget.low) return null;
  const points = rows.filter(row => row[widget.low.name] !== null && row[widget.high.name] !== null)
    .map(row => ({x: row[widget.across.name], low: row[widget.low.name], high: row[widget.high.name]})).sort((a, b) => a.x < b.x ? -1 : 1);
  const label = `${widget.low.label} to ${widget.high.label.toLowerCase()}`;
  return points.length ? {label, unit: widget.low.unit, points, fill: colour(drawn.length - 1)} : null;
}

// Bars of one day stand on each other: what is above 0 upwards, what is below it downwards.
function stacked(drawn) {
  const sums = {up: new Map(), down: new Map()};
  for (const each of drawn) for (const point of each.points) {
    const sum = point.y < 0 ? sums.down : sums.up;
    point.foot = sum.get(point.x) || 0;
    point.top = point.foot + point.y;
    sum.set(point.x, point.top);
  }
}

function legend(drawn, lines, about) {
  const shade = about ? [{label: about.label, fill: about.fill}] : [];
  return node("ul", {class: "legend"}, ...[...drawn, ...shade].map((each, at) => {
    const key = node("svg", {"aria-hidden": "true"});
    key.append(each.fill ? node("rect", {width: 22, height: 8, fill: each.fill, opacity: .2})
      : lines ? node("line", {x1: 0, x2: 22, y1: 4, y2: 4, stroke: colour(at), "stroke-width": 2.5, "stroke-dasharray": DASHES[at % DASHES.length]})
      : node("rect", {width: 12, height: 8, rx: 2, fill: colour(at)}));
    return node("li", {}, key, each.label);
  }));
}

function chart(widget, rows, width, height) {
  const drawn = series(widget, rows), numeric = Boolean(widget.across.unit), bars = widget.kind === "bar";
  if (bars) stacked(drawn);
  const about = band(widget, rows, drawn), ends = about ? about.points : [];
  const values = drawn.flatMap(each => each.points.map(point => bars ? point.top : point.y)).concat(ends.flatMap(point => [point.low, point.high]));
  const lowest = Math.min(...values), highest = Math.max(...values);
  const fills = !bars && !about && drawn.length === 1 && widget.kind === "line" && (highest <= 0 || lowest >= 0 && lowest < highest * .2);
  const steps = ticks(bars || fills ? Math.min(0, lowest) : lowest, bars || fills ? Math.max(0, highest) : highest, 4);
  const top = 22, bottom = height - 38, left = 14 + 6.6 * Math.max(...steps.map(each => words(each, drawn[0].unit).length)), right = width - 12;
  const days = [...new Set([...drawn.flatMap(each => each.points), ...ends].map(point => point.x))].sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
  const marks = numeric ? ticks(days[0], days[days.length - 1], Math.max(2, Math.min(6, (right - left) / 90))) : days;
  const low = steps[0], high = steps[steps.length - 1], slot = (right - left) / days.length;
  const y = value => bottom - (value - low) / (high - low || 1) * (bottom - top);
  const place = new Map(days.map((day, at) => [day, left + slot * (at + .5)]));
  const x = numeric ? value => left + (value - marks[0]) / (marks[marks.length - 1] - marks[0] || 1) * (right - left) : value => place.get(value);
  const unit = widget.up[0].unit, axis = widget.up.length > 1 || widget.colour ? unit : `${widget.up[0].label}${unit && unit !== "number" ? `, ${unit}` : ""}`;
  const svg = node("svg", {viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": `${widget.title}. ${widget.note}`});
  svg.append(node("text", {x: 0, y: 11, class: "unit"}, axis === "number" ? "Number" : axis));
  for (const step of steps) {
    svg.append(node("line", {x1: left, x2: right, y1: y(step), y2: y(step), class: step === 0 ? "zero" : "rule"}));
    svg.append(node("text", {x: left - 6, y: y(step) + 4, "text-anchor": "end"}, words(+step.toPrecision(12), unit)));
  }
  const every = numeric ? 1 : Math.ceil(days.length / Math.max(1, Math.floor((right - left) / (String(days[0]).length * 6.4 + 14))));
  marks.forEach((mark, at) => {
    if (at % every) return;
    svg.append(node("text", {x: x(mark), y: bottom + 17, "text-anchor": "middle"}, numeric ? words(+mark.toPrecision(12), "") : String(mark)));
  });
  svg.append(node("text", {x: (left + right) / 2, y: height - 4, "text-anchor": "middle"}, widget.across.label + (numeric && widget.across.unit !== "number" ? `, ${widget.across.unit}` : "")));
  if (about) {
    const edge = (end, points) => points.map(point => `${x(point.x).toFixed(1)} ${y(point[end]).toFixed(1)}`);
    const outline = [...edge("high", ends), ...edge("low", [...ends].reverse())].join("L");
    svg.append(node("path", {d: `M${outline}Z`, class: "band", fill: about.fill, stroke: about.fill, opacity: .2}));
  }
  drawn.forEach((each, at) => {
    if (bars) {
      const wide = Math.max(1, Math.min(46, slot * .76)), signed = drawn.length === 1 && lowest < 0 && highest > 0;
      for (const point of each.points) svg.append(node("rect", {
        x: x(point.x) - wide / 2, width: wide, y: Math.min(y(point.foot), y(point.top)),
        height: Math.max(.8, Math.abs(y(point.top) - y(point.foot))), fill: signed && point.y < 0 ? "var(--c2)" : colour(at)}));
      return;
    }
    if (widget.kind === "line") {
      const path = each.points.map((point, number) => `${number ? "L" : "M"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");
      if (fills) svg.append(node("path", {d: `${path}L${x(each.points[each.points.length - 1].x)} ${y(0)}L${x(each.points[0].x)} ${y(0)}Z`, fill: colour(at), opacity: .13}));
      svg.append(node("path", {d: path, fill: "none", stroke: colour(at), "stroke-width": 2, "stroke-linejoin": "round", "stroke-dasharray": DASHES[at % DASHES.length]}));
    }
    if (widget.kind === "scatter" || each.points.length <= 40)
      for (const point of each.points) svg.append(node("circle", {cx: x(point.x), cy: y(point.y), r: 3, fill: colour(at), opacity: widget.kind === "scatter" ? .75 : 1}));
  });
  return {svg, drawn, about, days, x, left, right, top, bottom, numeric};
}

// What stands at the place that is pointed at.
function pointed(holder, widget, made) {
  const rule = node("line", {class: "at", y1: made.top, y2: made.bottom, visibility: "hidden"}), tip = node("div", {class: "tip", hidden: ""});
  made.svg.append(rule);
  holder.append(tip);
  const leave = () => { rule.setAttribute("visibility", "hidden"); tip.hidden = true; };
  const move = event => {
    const box = made.svg.getBoundingClientRect(), at = (event.clientX - box.left) * made.svg.viewBox.baseVal.width / box.width;
    const day = made.days.reduce((best, each) => Math.abs(made.x(each) - at) < Math.abs(made.x(best) - at) ? each : best);
    const lines = made.drawn.flatMap((each, number) => each.points.filter(point => point.x === day).slice(0, 1)
      .map(point => node("div", {style: `color: ${colour(number)}`}, `${each.label}: ${words(point.y, each.unit)}`)));
    const between = (made.about ? made.about.points : []).filter(point => point.x === day)
      .map(point => node("div", {}, `${made.about.label}: ${words(point.low, made.about.unit)} to ${words(point.high, made.about.unit)}`));
    tip.replaceChildren(node("div", {}, made.numeric ? words(day, widget.across.unit) : String(day)), ...lines, ...between);
    tip.hidden = false;
    const middle = made.x(day) / made.svg.viewBox.baseVal.width * box.width;
    tip.style.left = `${Math.max(0, Math.min(middle + 12, box.width - tip.offsetWidth))}px`;
    tip.style.top = "26px";
    for (const end of ["x1", "x2"]) rule.setAttribute(end, made.x(day));
    rule.setAttribute("visibility", "visible");
  };
  made.svg.addEventListener("pointermove", move);
  made.svg.addEventListener("pointerdown", move);
  made.svg.addEventListener("pointerleave", leave);
}
