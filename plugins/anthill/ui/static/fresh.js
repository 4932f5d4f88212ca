// How far bronze, silver and gold have come, against what is due.
import { runAddress } from "./api.js";
import { element, link, moment, number } from "./elements.js";

export function freshness(place, classes) {
  const names = ["asset class", "due", "bronze", "silver", "gold", "quality", "last restatements"];
  place.replaceChildren(element("table", {},
    element("thead", {}, element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, classes.map((each) => element("tr", {},
      element("th", { scope: "row" }, each.asset_class),
      element("td", { "data-of": "due" }, each.due ?? "–"),
      ...each.stages.map(stage), quality(each.quality), restated(each.restatements))))));
}

function stage(each) {
  const kind = each.fresh_until === null && !each.at && each.name !== "bronze" ? "none" : each.ok && each.behind === 0 ? "good" : "bad";
  const text = each.fresh_until ? (each.behind ? `${each.fresh_until}, ${each.behind} day${each.behind > 1 ? "s" : ""} behind` : each.fresh_until)
    : kind === "none" ? "nothing yet" : "not whole";
  const lacking = each.lagging.length ? `waits for ${each.lagging.slice(0, 3).join(", ")}${each.lagging.length > 3 ? ` and ${each.lagging.length - 3} more` : ""}` : "";
  return element("td", { class: kind, "data-of": each.name, title: each.lagging.join(", ") }, text,
    each.ok ? element("small", {}, lacking) : element("small", {}, "the last run failed: ", each.message), ...links(each));
}

function quality(each) {
  if (!each) return element("td", { class: "none", "data-of": "quality" }, "nothing yet");
  const said = each.ok ? `${number(each.checks)} checks met${each.warnings ? `, ${each.warnings} warnings` : ""}` : "broken";
  return element("td", { class: each.ok ? "good" : "bad", "data-of": "quality", title: each.message }, said,
    element("small", {}, `${each.market_date_to}, ${moment(each.at)}${each.ok ? "" : `: ${each.message}`}`), ...links(each));
}

function restated(all) {
  if (!all.length) return element("td", { class: "none", "data-of": "restated" }, "none");
  return element("td", { "data-of": "restated" }, ...all.slice(0, 2).map((each) => element("small", {},
    `${each.market_date} ${each.dataset}: ${each.before === null ? "" : `${number(each.before)} → `}${number(each.rows)} rows`)));
}

function links(each) {
  const [dag, run, task, index] = (each.run ?? "").split("/");
  const airflow = task ? link(runAddress({ dag, run, task, map_index: /^\d+$/.test(index) && each.run.split("/").length === 5 ? +index : null }), "run") : "";
  return [element("small", {}, airflow, " ", each.page ? link(each.page, "Databricks") : "")];
}
