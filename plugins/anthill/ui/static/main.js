// The page: what is shown, and what happens when somebody acts.
import { ours } from "./api.js";
import { details, goldDetails } from "./details.js";
import { element, moment, number } from "./elements.js";
import { ask, follow as followRuns } from "./fill.js";
import { freshness } from "./fresh.js";
import { HeatMap } from "./heatmap.js";
import { minutesLegend, strips } from "./minutes.js";
import { callPlots, rowPlot } from "./plots.js";
import { count, forms } from "./selection.js";
import { GOLD, NAMES, ORDER, colours, draw } from "./states.js";
import { follow as followTheme } from "./theme.js";

const $ = (id) => document.getElementById(id);
const ZOOMS = [["Month", 31], ["Quarter", 92], ["Year", 366], ["5 years", 1830]];
const REFRESH = 60_000;
const map = (window.coverage = new HeatMap($("map")));
const shown = { days: 92, until: null, hidden: new Set(), span: 30, minutes: "" };
let heat = null;

const guarded = (work) => async (...given) => {
  try { const done = await work(...given); $("problem").hidden = true; return done; }
  catch (error) { $("problem").textContent = error.message; $("problem").hidden = false; }
};

const load = guarded(async () => {
  heat = await ours("coverage");
  $("now").textContent = `as of ${moment(heat.now)}`;
  shown.until ??= heat.days.at(-1);
  legend();
  classes();
  apply();
});
const loadFresh = guarded(async () => freshness($("fresh"), await ours("freshness")));
const loadCalls = guarded(async () => callPlots($("calls"), await ours("calls", { days: shown.span })));
const loadMinutes = guarded(async () => {
  const found = await ours("minutes", shown.minutes ? { day: shown.minutes } : {});
  strips($("minutes"), found);
  if (!found.length) return;
  minutesLegend($("minutes-legend"), found[0].meaning);
  $("minutes-day").value = found[0].market_date;
});

function apply() {
  const groups = heat.groups.filter((group) => !shown.hidden.has(group.asset_class));
  map.show(heat.days, groups);
  let last = heat.days.findLastIndex((day) => day <= shown.until);
  if (last < 0) last = 0;
  const from = new Date(`${heat.days[last]}T00:00:00Z`);
  from.setUTCDate(from.getUTCDate() - shown.days + 1);
  const first = heat.days.findIndex((day) => day >= from.toISOString().slice(0, 10));
  if (!map.placed) { map.placed = true; map.cursor.day = last; }
  map.window(first, last);
  $("until").value = heat.days[last];
  for (const button of $("zoom").children) button.setAttribute("aria-pressed", +button.value === shown.days);
}

function classes() {
  $("classes").replaceChildren(...heat.groups.map(({ asset_class: name }) => element("button", {
    "aria-pressed": !shown.hidden.has(name),
    onclick: () => { shown.hidden.has(name) ? shown.hidden.delete(name) : shown.hidden.add(name); classes(); apply(); },
  }, name)));
}

function pan(direction) {
  const at = new Date(`${shown.until}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + direction * Math.max(7, Math.round(shown.days / 2)));
  const day = at.toISOString().slice(0, 10);
  shown.until = day > heat.days.at(-1) ? heat.days.at(-1) : day < heat.days[0] ? heat.days[0] : day;
  apply();
}

function zoom(to) { shown.days = to; apply(); }

function zoomStep(sign) {
  const at = ZOOMS.findIndex(([, days]) => days === shown.days) + (sign === "+" ? -1 : 1);
  if (ZOOMS[at]) zoom(ZOOMS[at][1]);
}

function legend() {
  const palette = colours();
  $("legend").replaceChildren(...[...ORDER, ...GOLD].map((letter) => {
    const canvas = element("canvas", { width: 32, height: 32, "aria-hidden": true });
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    draw(context, palette, letter, 0, 0, 16, 16);
    return element("li", { title: heat?.meaning[letter] }, canvas, NAMES[letter]);
  }));
}

function chosen() {
  const { days, there } = count(map);
  $("fill").disabled = !days || !heat?.may_fill;
  $("fill").title = heat?.may_fill ? "Fill what is selected (F)" : "You may not start market_backfill in Airflow";
  $("clear").disabled = !days;
  $("said").textContent = days ? `${number(days)} selected${there ? `, ${number(there)} of them landed` : ""}` : "";
}

const open = guarded(async () => {
  const line = map.line(), day = heat.days[map.cursor.day];
  if (!line) return;
  if (line.gold) { await goldDetails($("details"), line.group.asset_class, line.row.table, day); return; }
  await details($("details"), line.group.asset_class, line.row.dataset, day, line.row.description);
  const found = await ours("series", { asset_class: line.group.asset_class, dataset: line.row.dataset, first: heat.days[map.first], last: heat.days[map.last] });
  rowPlot($("rows"), line.id, found.filter((each) => each.rows !== null));
});

const fill = guarded(async () => {
  if ($("fill").disabled) return;
  await ask($("dialog"), forms(map), count(map).there, guarded(async (runs) => {
    map.clear();
    await followRuns($("said"), runs, load);
    await Promise.all([loadFresh(), loadCalls(), open()]);
  }));
});

map.addEventListener("choose", chosen);
map.addEventListener("open", open);
map.addEventListener("fill", fill);
map.addEventListener("zoom", (event) => zoomStep(event.detail));
map.addEventListener("pan", (event) => pan(event.detail));
$("zoom").replaceChildren(...ZOOMS.map(([name, days]) => element("button", { value: days, onclick: () => zoom(days) }, name)));
$("span").replaceChildren(...[3, 30, 90].map((days) => element("button", {
  "aria-pressed": days === shown.span,
  onclick: (event) => { shown.span = days; for (const each of $("span").children) each.setAttribute("aria-pressed", each === event.target); loadCalls(); },
}, `${days} days`)));
$("earlier").onclick = () => pan(-1);
$("later").onclick = () => pan(1);
$("until").onchange = (event) => { if (event.target.value) { shown.until = event.target.value; apply(); } };
$("minutes-day").onchange = (event) => { shown.minutes = event.target.value; loadMinutes(); };
$("gaps").onclick = () => map.chooseGaps(map.cells);
$("fill").onclick = fill;
$("clear").onclick = () => map.clear();
$("details").replaceChildren(element("p", { class: "quiet" }, "Click a market day, or move with the arrow keys and press Enter."));

followTheme(() => { legend(); map.draw(); });
await load();
await Promise.all([loadFresh(), loadCalls(), loadMinutes()]);
document.body.dataset.ready = "yes";
setInterval(() => { if (!document.hidden && !$("dialog").open) { load(); loadFresh(); if (!$("minutes").contains(document.activeElement)) loadMinutes(); } }, REFRESH);
