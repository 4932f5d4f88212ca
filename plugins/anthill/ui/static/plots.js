// Small plots over time, as SVG: bars for counts, lines for measures; each point says its value.
import { element, number } from "./elements.js";

const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 130, LEFT = 44, BOTTOM = 18, WIDEST = 28;

// lines: [{label, kind: "bar" | "line", style, values}] over the same labels
export function plot(title, labels, lines, unit = "", width = 420) {
  const most = Math.max(...lines.flatMap((line) => line.values.filter((value) => value !== null)), 0);
  const figure = element("figure", {}, element("figcaption", {}, title));
  if (!labels.length || most === 0) return figure.append(element("p", { class: "quiet" }, labels.length ? "All are zero." : "Nothing yet.")), figure;
  const wide = (width - LEFT) / labels.length, y = (value) => (HEIGHT - BOTTOM) * (1 - value / (most * 1.08));
  const drawing = svg("svg", { class: "plot", viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${lines.map((line) => `${line.label} up to ${number(Math.max(...line.values))}${unit}`).join(", ")}` });
  for (const share of [0, 0.5, 1]) {
    drawing.append(svg("line", { class: "axis", x1: LEFT, x2: width, y1: y(most * share), y2: y(most * share) }));
    drawing.append(svg("text", { x: LEFT - 4, y: Math.max(9, y(most * share) + 3), "text-anchor": "end" }, short(most * share)));
  }
  for (const at of [...new Set([0, Math.floor((labels.length - 1) / 2), labels.length - 1])]) {
    const anchor = at === 0 ? "start" : at === labels.length - 1 ? "end" : "middle";
    drawing.append(svg("text", { x: anchor === "end" ? width : LEFT + at * wide, y: HEIGHT - 3, "text-anchor": anchor }, labels[at]));
  }
  for (const line of lines) {
    if (line.kind === "line") {
      const points = line.values.map((value, at) => (value === null ? null : `${LEFT + (at + 0.5) * wide},${y(value)}`)).filter(Boolean).join(" ");
      drawing.append(svg("polyline", { class: `line ${line.style}`, points, "vector-effect": "non-scaling-stroke" }));
    }
    for (const [at, value] of line.values.entries()) {
      if (value === null || (line.kind === "bar" && value === 0)) continue;
      const bar = line.kind === "bar", side = Math.min(WIDEST, Math.max(1, wide * 0.8));
      const shape = svg("rect", { class: line.style, x: LEFT + (at + 0.5) * wide - (bar ? side : Math.min(side, 4)) / 2, width: bar ? side : Math.min(side, 4), y: bar ? y(value) : y(value) - 1.5, height: bar ? HEIGHT - BOTTOM - y(value) : 3 });
      shape.append(svg("title", {}, `${labels[at]}: ${line.label} ${number(Math.round(value * 1000) / 1000)}${unit}`));
      drawing.append(shape);
    }
  }
  const key = lines.length > 1 ? element("p", { class: "quiet" }, lines.map((line) => `${line.kind === "line" ? "— " : "▮ "}${line.label}`).join("   ")) : null;
  figure.append(drawing, ...(key ? [key] : []));
  return figure;
}

export function callPlots(place, found) {
  const at = new Map();
  for (const buckets of Object.values(found.asset_classes)) {
    for (const bucket of buckets) {
      const sum = at.get(bucket.at) ?? { calls: 0, failed: 0, limited: 0, seconds: 0, slowest: 0, waited: 0, rows: 0 };
      for (const name of ["calls", "failed", "limited", "seconds", "waited", "rows"]) sum[name] += bucket[name];
      sum.slowest = Math.max(sum.slowest, bucket.slowest);
      at.set(bucket.at, sum);
    }
  }
  const keys = [...at.keys()].sort(), hourly = keys.some((key) => key.slice(11, 13) !== "00");
  const labels = keys.map((key) => (hourly ? key.slice(5, 16).replace("T", " ") : key.slice(0, 10)));
  const of = (pick) => keys.map((key) => pick(at.get(key)));
  const limit = found.per_minute ? ` (the plan allows ${number(found.per_minute)} a minute)` : " (the plan has no limit)";
  place.replaceChildren(
    plot(`Calls${limit}`, labels, [{ label: "calls", kind: "bar", style: "a", values: of((sum) => sum.calls + sum.failed) }]),
    plot("Latency", labels, [
      { label: "mean", kind: "line", style: "a", values: of((sum) => sum.seconds / Math.max(1, sum.calls + sum.failed)) },
      { label: "slowest", kind: "line", style: "b dashed", values: of((sum) => sum.slowest) }], " s"),
    plot("Errors", labels, [
      { label: "failed", kind: "bar", style: "b", values: of((sum) => sum.failed) },
      { label: "of these for the rate (429)", kind: "line", style: "a", values: of((sum) => sum.limited) }]),
    plot("Waiting for the rate limit, part of the calls' time", labels, [{ label: "waiting", kind: "bar", style: "a", values: of((sum) => Math.round((100 * sum.waited) / Math.max(0.001, sum.waited + sum.seconds))) }], " %"),
  );
}

export function rowPlot(place, id, days) {
  place.replaceChildren(plot(`Rows of ${id}, a market day each`, days.map((day) => day.day), [{ label: "rows", kind: days.length > 200 ? "line" : "bar", style: "a", values: days.map((day) => day.rows) }], "", Math.max(320, place.clientWidth - 22)));
}

export function svg(tag, attributes, ...children) {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function short(value) {
  for (const [size, name] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) if (value >= size) return `${+(value / size).toPrecision(3)}${name}`;
  return `${+value.toPrecision(3)}`;
}
