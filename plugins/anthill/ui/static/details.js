// All that is known of one market day, with the way to the runs behind it.
import { ours, runAddress } from "./api.js";
import { age, element, link, moment, number } from "./elements.js";

export async function details(panel, assetClass, dataset, day, description) {
  const cell = await ours("cell", { asset_class: assetClass, dataset, day });
  const known = facts(cell);
  const checks = cell.objects.length ? query(cell.query) : [];
  panel.replaceChildren(...[
    element("h3", {}, `${assetClass}.${dataset}`),
    element("p", { class: "quiet" }, description),
    element("p", {}, element("strong", {}, day), ` ${cell.meaning}`),
    cell.reason && cell.outcome === "refused" ? element("p", { class: "bad" }, `${cell.reason}${cell.by_plan ? " (the API plan)" : cell.by_key ? " This is the key's trouble, not the day's." : ""}`) : null,
    element("dl", {}, known.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    ...cell.objects.slice(0, 4).map((object) => element("p", {}, element("code", {}, object.uri), " ", copyButton(object.uri))),
    cell.objects.length ? element("p", {}, link(`trace?${new URLSearchParams({ asset_class: assetClass, dataset, day })}`, "Where its numbers go, and come from")) : null,
    cell.objects.length > 4 ? element("p", { class: "quiet" }, `and ${cell.objects.length - 4} more objects`) : null,
    ...checks,
  ].filter(Boolean));
}

// Of a table of gold: whether its numbers of the day may be trusted, else why not, and what was checked.
export async function goldDetails(panel, assetClass, table, day) {
  const cell = await ours("gold", { asset_class: assetClass, table, day });
  const [dag, run, task] = cell.by.split("/");
  const known = [["reads", cell.reads.join(", ")]];
  if (cell.at) known.push(["told", element("span", {}, `${moment(cell.at)} `, task ? link(runAddress({ dag, run, task }), `${dag} · ${task}`) : "")]);
  panel.replaceChildren(
    element("h3", {}, `gold.${assetClass}_${table}`),
    element("p", {}, element("strong", {}, day), ` ${cell.meaning}`),
    ...(cell.why ? [element("p", { class: "bad" }, cell.why)] : []),
    element("dl", {}, known.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    ...query(cell.query),
  );
}

// A query to run where tables are asked: `make sql`, or the workspace's SQL editor.
function query(text) {
  return [element("h4", {}, "What was checked"), element("p", {}, element("code", {}, text), " ", copyButton(text))];
}

function facts(cell) {
  const known = cell.due ? [["due", moment(cell.due)]] : [];
  if (cell.objects.length) {
    const before = cell.rows_before === null ? "" : ` (${number(cell.rows_before)} before)`;
    known.push(["rows", number(cell.rows) + before], ["pages", number(cell.pages)], ["revision", number(cell.revision)]);
    known.push(["landed", `${moment(cell.landed_at)}${cell.age > 0 ? `, ${age(cell.age)} ago` : ""}`]);
    if (cell.confirmed_at !== cell.landed_at) known.push(["confirmed", moment(cell.confirmed_at)]);
    known.push(["size", `${number(Math.round(cell.objects.reduce((sum, object) => sum + object.size, 0) / 1024))} KiB`]);
  }
  if (cell.landed_by) known.push(["Airflow", link(runAddress(cell.landed_by), `${cell.landed_by.dag} · ${cell.landed_by.task}`)]);
  if (cell.asked_at) known.push(["last asked", element("span", {}, `${moment(cell.asked_at)}: ${cell.outcome} `, cell.asked_by ? link(runAddress(cell.asked_by), "run") : "")]);
  for (const job of cell.jobs) {
    const links = [job.page ? link(job.page, "Databricks") : "", " ", job.run ? link(runAddress(job.run), "Airflow") : ""];
    known.push([job.job, element("span", { class: job.ok ? "good" : "bad" }, `${moment(job.at)} `, ...links)]);
  }
  return known;
}

function copyButton(text) {
  const copy = async (event) => {
    await navigator.clipboard?.writeText(text);
    event.target.textContent = "Copied";
  };
  return element("button", { onclick: copy, "aria-label": `Copy ${text}` }, "Copy");
}
