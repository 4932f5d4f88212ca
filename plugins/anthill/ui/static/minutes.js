// A stream's session as a strip of its minutes: a colour, a height and a word for each state, and a gap's cause.
import { element, moment, number } from "./elements.js";
import { svg } from "./plots.js";

export const MINUTES = { R: "recorded", G: "in a gap", F: "filled", S: "settled", N: "not known", W: "not there yet" };
const HEIGHTS = { R: [4, 24], G: [0, 32], F: [16, 16], S: [4, 24], N: [26, 6], W: [29, 3] };
const HIGH = 32, NARROW = 390, QUARTER = 360; // minutes of a line on a phone: a session of stocks, or six hours

// Minutes that follow each other and are alike are one run, with the gaps that lie in it.
export function runs(stream) {
  const opens = Date.parse(stream.opens), found = [];
  const gaps = stream.gaps.map((gap) => ({ ...gap, from: Math.floor((Date.parse(gap.first) - opens) / 60_000), to: Math.ceil((Date.parse(gap.last) - opens) / 60_000) }));
  for (const [at, letter] of [...stream.states].entries()) {
    const inside = gaps.filter((gap) => gap.from <= at && at < Math.max(gap.to, gap.from + 1));
    const cause = [...new Set(inside.map((gap) => gap.cause))].join("; "), last = found.at(-1);
    if (last && last.letter === letter && last.cause === cause) last.to = at + 1;
    else found.push({ from: at, to: at + 1, letter, cause });
  }
  return found.map((run) => ({ ...run, said: `${clock(opens, run.from)} to ${clock(opens, run.to)} UTC: ${MINUTES[run.letter]}${run.cause ? `, nobody listened: ${run.cause}` : ""}` }));
}

export function strips(place, streams) {
  if (!streams.length) { place.replaceChildren(element("p", { class: "quiet" }, "No stream has a session on that day.")); return; }
  place.replaceChildren(...streams.map(strip));
}

export function minutesLegend(place, meaning) {
  place.replaceChildren(...Object.entries(MINUTES).map(([letter, name]) => {
    const [y, height] = HEIGHTS[letter], drawing = svg("svg", { viewBox: `0 0 32 ${HIGH}`, "aria-hidden": true });
    drawing.append(svg("rect", { class: `minute-${letter}`, x: 8, width: 16, y, height }));
    return element("li", { title: meaning[letter] }, drawing, name);
  }));
}

function strip(stream) {
  if (!stream.until && !stream.settled_at) return element("p", {}, `${stream.asset_class}.${stream.stream} `, element("span", { class: "quiet" }, "Nothing was recorded, or its DAG has not looked."));
  const all = runs(stream), name = `${stream.asset_class}.${stream.stream}`, counts = counted(stream);
  const said = element("p", { class: "quiet", role: "status" }, "Point at a minute, or move with ← and →.");
  let at = -1;
  const show = (to) => {
    at = Math.max(0, Math.min(all.length - 1, to));
    said.textContent = all[at].said;
    for (const mark of drawn.querySelectorAll("rect")) mark.classList.toggle("at", +mark.dataset.run === at);
  };
  const keys = (event) => {
    const step = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    show(step);
  };
  const point = (event) => { if (event.target.dataset.run) show(+event.target.dataset.run); };
  const drawn = element("div", { class: "strip", tabindex: 0, role: "group", "aria-label": `${name} on ${stream.market_date}: ${counts}. Arrow keys move from run to run of minutes.`, onkeydown: keys, onpointerover: point, onpointerdown: point },
    ...lines(stream, all));
  return element("figure", {},
    element("figcaption", {}, `${name} `, element("span", { class: "quiet" }, counts)),
    drawn, said,
    element("p", { class: "quiet" }, stream.settled_at ? `Settled ${moment(stream.settled_at)}.` : `Known up to ${moment(stream.until)}.`),
    stream.gaps.length ? gapList(stream) : "");
}

function lines(stream, all) {
  const many = stream.states.length, long = many > NARROW && window.matchMedia("(max-width: 800px)").matches ? QUARTER : many;
  const found = [];
  for (let first = 0; first < many; first += long) {
    const drawing = svg("svg", { viewBox: `0 0 ${long} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": true });
    for (const [number, run] of all.entries()) {
      const from = Math.max(run.from, first), to = Math.min(run.to, first + long);
      if (from >= to) continue;
      // A gap of a minute is seen on any screen.
      const least = run.cause ? long / 240 : 0, [y, height] = HEIGHTS[run.letter];
      const mark = svg("rect", { class: `minute-${run.letter}${run.cause ? " unheard" : ""}`, "data-run": number, x: from - first, width: Math.max(to - from, least), y, height });
      mark.append(svg("title", {}, run.said));
      drawing.append(mark);
    }
    // Gaps lie above what is beside them.
    drawing.append(...drawing.querySelectorAll(".unheard"));
    const opens = Date.parse(stream.opens), last = Math.min(first + long, many);
    found.push(drawing, element("div", { class: "quiet hours", "aria-hidden": true }, ...[first, (first + last) / 2, last].map((minute) => element("span", {}, clock(opens, minute)))));
  }
  return found;
}

function counted(stream) {
  const many = {};
  for (const letter of stream.states) many[letter] = (many[letter] ?? 0) + 1;
  return `${number(stream.states.length)} minutes: ${Object.keys(MINUTES).filter((letter) => many[letter]).map((letter) => `${number(many[letter])} ${MINUTES[letter]}`).join(", ")}`;
}

function gapList(stream) {
  const became = { G: "not filled", F: "filled", S: "settled" };
  return element("details", {}, element("summary", {}, `${number(stream.gaps.length)} ${stream.gaps.length > 1 ? "gaps" : "gap"}`),
    element("ul", {}, stream.gaps.map((gap) => element("li", {}, `${gap.first.slice(11, 19)} to ${gap.last.slice(11, 19)} UTC: ${gap.cause} `, element("span", { class: gap.state === "G" ? "bad" : "good" }, became[gap.state])))));
}

const clock = (opens, minute) => new Date(opens + minute * 60_000).toISOString().slice(11, 16);
