// What is selected, as the forms of backfills: for each asset class its datasets, each with days and ranges of days.
import { isThere } from "./states.js";

export function forms(map) {
  const found = new Map();
  for (const [id, days] of map.chosen) {
    if (!days.size) continue;
    const { group, row } = map.lines.find((line) => line.id === id);
    if (!found.has(group.asset_class)) found.set(group.asset_class, { asset_class: group.asset_class, only: {} });
    found.get(group.asset_class).only[row.dataset] = ranges(days, row.states, map.days);
  }
  return [...found.values()];
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
