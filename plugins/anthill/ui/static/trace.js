// The page behind a cell: where the numbers of a market day come from, from gold down to the source's answer.
import { ours, runAddress } from "./api.js";
import { element, link, moment, number } from "./elements.js";
import { follow as followTheme } from "./theme.js";

const $ = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
let tables = [];

const guarded = (work) => async (...given) => {
  try { await work(...given); $("problem").hidden = true; }
  catch (error) { $("problem").textContent = error.message; $("problem").hidden = false; }
};

const choose = () => {
  const { subject } = tables.find((each) => each.table === $("table").value) ?? { subject: "ticker" };
  $("about").hidden = !subject;
  $("about").firstChild.textContent = `${subject} `;
  $("ticker").required = Boolean(subject);
};

const load = guarded(async () => {
  $("now").textContent = `${asked.get("asset_class")}.${asked.get("dataset")}`;
  tables = await ours("readers", { asset_class: asked.get("asset_class"), dataset: asked.get("dataset") });
  $("table").replaceChildren(...tables.map(({ table }) => element("option", { value: table }, table)));
  $("day").value = asked.get("day");
  choose();
});

const trace = guarded(async () => {
  $("found").replaceChildren();
  $("said").textContent = "Waiting for the warehouse; one that is stopped takes a while to start…";
  try {
    const ticker = $("about").hidden ? "" : $("ticker").value.trim();
    const day = $("day").value;
    show(await ours("trace", ticker ? { table: $("table").value, ticker, day } : { table: $("table").value, day }));
  } finally { $("said").textContent = ""; }
});

function show(found) {
  const problems = found.problems.map((each) => element("p", { class: "bad" }, each));
  $("found").replaceChildren(
    element("h2", {}, `${found.table} ${found.ticker} ${found.market_date}`),
    ...(problems.length ? problems : [element("p", { class: "good" }, "Every digest is that of the bytes in bronze, and all fits together.")]),
    element("p", { class: "quiet" }, `By the warehouse ${found.warehouse}. The values are for who may read the table: `, element("code", {}, `anthill trace ${found.table} ${found.ticker} ${found.market_date}`)),
    list([["rows", number(found.row_count)], ...sql(found.sql), ...run(found.run), ...(found.through.length ? [["through", found.through.map((each) => each.table).join(", ")]] : []), ...found.corrections.map((each) => ["corrected", `${each.of} of ${each.ticker} on ${each.market_date}: ${each.ratio ?? each.cash}, ${each.who}, ${each.why}`])]),
    ...found.below.map(below),
  );
}

function below(part) {
  const of = part.tickers.length ? ` of ${part.tickers.join(", ")}` : "";
  const facts = part.hidden ? [["rows", part.hidden]] : [[`rows${of}`, `${number(part.rows_of_day)} on the day, ${number(part.rows_read)} may count${part.first ? `, ${part.first} to ${part.last}` : ""}`]];
  if (part.load) facts.push(["loaded", `${moment(part.load.loaded_at)}: ${number(part.load.bronze_rows)} rows of bronze, ${number(part.load.silver_rows)} typed, ${number(part.load.quarantined)} set aside`]);
  for (const each of part.objects) {
    facts.push(["object", element("code", {}, each.uri)]);
    facts.push(["sha256", element("span", { class: each.broken ? "bad" : "good" }, each.broken || `${each.sha256}, read and the same`)]);
    facts.push(["call", element("span", {}, element("code", {}, each.call), ` answered ${moment(each.asof)}`)]);
    facts.push(...landed(each.run));
  }
  for (const each of part.runs) facts.push(...run(each));
  const broken = part.checks.filter((each) => !each.passed);
  if (part.checks.length) facts.push(["checks", `${part.checks.length - broken.length} passed, ${broken.length} broken`]);
  facts.push(...broken.map((each) => [each.severity, element("span", { class: "bad" }, each.message)]));
  return element("div", {}, element("h3", {}, part.table), list(facts));
}

const list = (facts) => element("dl", {}, facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));

const sql = (each) => [["SQL", element("span", {}, element("code", {}, each.file), each.is_here ? "" : " (another text than the deployed one)")], ["sha256", element("code", {}, each.logic)], ["computed", moment(each.computed_at)]];

function task(text) {
  const [dag, run, name, ...rest] = (text ?? "").split("/");
  return name ? { dag, run, task: name, map_index: rest.length > 1 ? rest[0] : null } : null;
}

function landed(text) {
  const by = task(text);
  return by ? [["landed by", link(runAddress(by), `${by.dag} · ${by.task}`)]] : [];
}

function run(each) {
  if (!each) return [];
  const by = task(each.task);
  return [[each.job, element("span", { class: each.ok ? "good" : "bad" }, `${moment(each.at)} `, each.page ? link(each.page, "Databricks") : "", " ", by ? link(runAddress(by), "Airflow") : "")]];
}

$("table").onchange = choose;
$("ask").onsubmit = (event) => { event.preventDefault(); trace(); };
followTheme(() => {});
await load();
document.body.dataset.ready = "yes";
