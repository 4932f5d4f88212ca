"use strict";
// Fills the page with what was asked of gold, for the security or underlying that is chosen.
const DATA = JSON.parse(document.getElementById("data").textContent);
const HEIGHT = 46; // pixels of a row of the grid

// The rows of a widget: columns of values, of which words stand in a list once.
function rowsOf(widget) {
  const columns = Object.entries(widget.columns).map(([name, kept]) => [name, Array.isArray(kept) ? kept : kept.places.map(at => at === null ? null : kept.words[at])]);
  const count = columns.length ? columns[0][1].length : 0;
  return Array.from({length: count}, (_, at) => Object.fromEntries(columns.map(([name, values]) => [name, values[at]])));
}

// Why there is nothing to show, or nothing where there is something.
function lacking(widget, rows, group) {
  if (widget.missing) return widget.missing;
  const shown = widget.up || (widget.value ? [widget.value] : null);
  if (shown ? rows.some(row => shown.some(field => row[field.name] !== null)) : rows.length) return "";
  const days = rows.length && widget.across && widget.across.name === "market_date" ? new Set(rows.map(row => row.market_date)).size : widget.here[group] ?? 0;
  return widget.days > days ? `Needs ${widget.days} market days, has ${days}.` : widget.empty;
}

function table(widget, rows) {
  const head = widget.cells.map(field => node("th", field.unit ? {class: "n"} : {}, field.label + (["", "number", "%", "USD"].includes(field.unit) ? "" : `, ${field.unit}`)));
  const cell = (field, value) => {
    const sign = field.unit === "%" && value !== null && /return/i.test(field.label) ? (value > 0 ? " up" : value < 0 ? " down" : "") : "";
    return node("td", field.unit ? {class: `n${sign}`} : {}, words(value, field.unit));
  };
  const body = rows.map(row => node("tr", {}, ...widget.cells.map(field => cell(field, row[field.name]))));
  return node("div", {class: "scroll"}, node("table", {}, node("thead", {}, node("tr", {}, ...head)), node("tbody", {}, ...body)));
}

function draw(figure, widget, rows, group) {
  const holder = figure.querySelector(".body");
  const why = lacking(widget, rows, group);
  if (why) return holder.replaceChildren(node("p", {class: "why"}, why));
  if (widget.kind === "counter") return holder.replaceChildren(node("div", {class: "value"}, words(rows[0][widget.value.name], widget.value.unit)));
  if (widget.kind === "table") return holder.replaceChildren(table(widget, rows));
  const box = node("div", {class: "chart"}), made = chart(widget, rows, Math.max(260, holder.clientWidth), Math.max(200, widget.rows_high * HEIGHT - 60));
  box.append(made.svg);
  holder.replaceChildren(...(made.drawn.length > 1 || made.about ? [legend(made.drawn, widget.kind === "line", made.about)] : []), box);
  pointed(box, widget, made);
}

function show(board) {
  const choice = document.querySelector(`#${board.name} select`);
  // Of what is chosen the asset class; of what nobody chooses, that of the table that the widget reads.
  const chosen = choice?.selectedOptions[0]?.parentNode.label;
  for (const widget of board.widgets) {
    const all = widget.rows || (widget.rows = rowsOf(widget));
    const rows = widget.chosen && choice ? all.filter(row => row[widget.chosen] === choice.value) : all;
    draw(document.getElementById(`${board.name}-${widget.name}`), widget, rows, widget.chosen && chosen || widget.group);
  }
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  document.getElementById("theme").textContent = name === "dark" ? "Light" : "Dark";
}

theme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document.getElementById("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
// What is in view first; the rest when it comes near, or before it is printed.
const waiting = new Map(DATA.map(board => [document.getElementById(board.name), board]));
const seen = new IntersectionObserver(entries => {
  for (const entry of entries) if (entry.isIntersecting && waiting.has(entry.target)) { show(waiting.get(entry.target)); waiting.delete(entry.target); }
}, {rootMargin: "600px"});
const all = () => { for (const board of waiting.values()) show(board); waiting.clear(); };
for (const [section, board] of waiting) {
  seen.observe(section);
  section.querySelector("select")?.addEventListener("change", () => show(board));
}
addEventListener("beforeprint", all);
let turned = 0, before = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === before) return;
  before = innerWidth;
  clearTimeout(turned);
  turned = setTimeout(() => DATA.forEach(show), 120);
});
setTimeout(all, 400);
