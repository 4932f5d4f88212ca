// What is selected, as the forms of backfills: for each asset class its datasets, each with days and ranges of days.
import { isThere } from "./states.js";

// Of a gold table the days that are not published begin at silver, those that are held back or outdated at gold: nothing
// of them is asked of the source again.
export function forms(map) {
  const found = new Map();
  for (const [id, days] of map.chosen) {
    const line = map.lines.find((each) => each.id === id), { group, row } = line;
    for (const day of days) {
      const begin = !line.gold ? "bronze" : row.states[day] === "N" ? "silver" : "gold";
      const key = `${group.asset_class} ${begin}`;
      if (!found.has(key)) found.set(key, { group, begin, only: new Map() });
      const only = found.get(key).only;
      for (const dataset of line.gold ? row.reads : [row.dataset]) {
        if (!only.has(dataset)) only.set(dataset, new Set());
        only.get(dataset).add(day);
      }
    }
  }
  return [...found.values()].map(({ group, begin, only }) => ({
    asset_class: group.asset_class,
    ...(begin === "bronze" ? {} : { begin_at: begin }),
    only: Object.fromEntries(group.rows.filter((row) => row.fillable && only.has(row.dataset)).map((row) => [row.dataset, ranges(only.get(row.dataset), row.states, map.days)])),
  })).filter((form) => Object.keys(form.only).length);
}

export function count(map) {
  let days = 0, there = 0;
  for (const [id, chosen] of map.chosen) {
    const states = map.lines.find((line) => line.id === id).row.states;
    for (const day of chosen) { days += 1; there += isThere(states[day]); }
  }
  return { days, there };
}

// Neighbours in the dataset's own calendar are one range: days off between them are no break.
function ranges(chosen, states, days) {
  const found = [];
  let open = null;
  for (let day = Math.min(...chosen); day <= Math.max(...chosen); day++) {
    if (states[day] === ".") continue;
    if (!chosen.has(day)) { open = null; continue; }
    if (open) open[1] = day; else found.push((open = [day, day]));
  }
  return found.map(([first, last]) => (first === last ? days[first] : `${days[first]}/${days[last]}`));
}
