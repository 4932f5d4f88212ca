// Gaps are filled: first what it costs, then the backfill through Airflow's API with the viewer's own rights.
import { airflow, change, estimate, runAddress } from "./api.js";
import { element, link, number } from "./elements.js";

export async function ask(dialog, forms, there, started) {
  dialog.replaceChildren(element("h2", { id: "dialog-title" }, "Fill what is selected"), element("p", {}, "Counting the calls…"));
  if (!dialog.open) dialog.showModal();
  const again = dialog.dataset.again === "yes";
  const close = () => { delete dialog.dataset.again; dialog.close(); };
  try {
    const [costs, dag] = await Promise.all([Promise.all(forms.map((form) => estimate({ ...form, again: again && !form.begin_at }))), airflow("/dags/market_backfill")]);
    const begin = async (event) => {
      event.target.disabled = true;
      try { await start(costs, dag); close(); started(costs.map((cost) => cost.run)); } catch (error) { problem(dialog, error); }
    };
    dialog.replaceChildren(...content(costs, dag, there, again, begin, close, () => {
      dialog.dataset.again = again ? "no" : "yes";
      ask(dialog, forms, there, started);
    }));
    dialog.querySelector(".primary")?.focus();
  } catch (error) {
    problem(dialog, error);
    dialog.append(element("div", { class: "actions" }, element("button", { onclick: close }, "Close")));
  }
}

function content(costs, dag, there, again, begin, close, turn) {
  const begun = costs.filter(works);
  const calls = costs.reduce((sum, cost) => sum + cost.calls, 0), minutes = costs.reduce((sum, cost) => sum + cost.minutes, 0);
  const lines = costs.flatMap((cost) => cost.lines.map((line) => [cost.conf.asset_class, line]));
  const rate = costs[0].per_minute ? `at the plan's ${number(costs[0].per_minute)} calls a minute` : "with no limit of the plan";
  const may = costs.every((cost) => cost.may_fill);
  return [
    element("h2", { id: "dialog-title" }, "Fill what is selected"),
    element("p", { class: "total", id: "cost" }, `${number(calls)} call${calls === 1 ? "" : "s"}, ${duration(minutes)} ${rate}`),
    element("div", { class: "scroll" }, element("table", {},
      element("thead", {}, element("tr", {}, ...["dataset", "days", "calls a day", "calls"].map((name) => element("th", { scope: "col" }, name)))),
      element("tbody", {}, lines.map(([name, line]) => element("tr", {},
        element("td", {}, `${name}.${line.dataset}`), element("td", {}, number(line.days)),
        element("td", {}, `${number(line.calls_a_day)}${line.measured ? "" : " (guessed)"}`), element("td", {}, number(line.calls))))))),
    ...costs.filter((cost) => cost.conf.begin_at !== "bronze").map((cost) => element("p", {}, `${cost.conf.asset_class}: ${STEPS[cost.conf.begin_at]} for ${days(cost.conf.only)}, without a call.`)),
    element("p", { class: "quiet" }, "Then one Databricks run a quarter for silver, and one each for quality and gold. Only these days of these datasets are fetched."),
    there ? element("p", {}, element("label", {}, element("input", { type: "checkbox", checked: again, onchange: turn }), ` Fetch the ${number(there)} landed days again too (other answers become revisions)`)) : null,
    dag.is_paused ? element("p", { class: "bad" }, "market_backfill is turned off in Airflow; starting turns it on.") : null,
    may ? null : element("p", { class: "bad" }, "You may not start market_backfill: ask for the right to trigger it in Airflow."),
    element("div", { class: "actions" }, element("button", { onclick: close }, "Cancel"), element("button", { class: "primary", id: "start", disabled: !may || !begun.length, onclick: begin }, "Start")),
  ].filter(Boolean);
}

const STEPS = { silver: "what bronze holds is loaded, checked and published", gold: "what silver holds is checked and published" };
const works = (cost) => cost.calls > 0 || cost.conf.begin_at !== "bronze";
const days = (only) => [...new Set(Object.values(only).flat())].join(", ").replaceAll("/", " to ");

async function start(costs, dag) {
  if (dag.is_paused) await change("PATCH", `/dags/${costs[0].dag}?update_mask=is_paused`, { is_paused: false });
  for (const cost of costs.filter(works)) {
    const run = await change("POST", `/dags/${cost.dag}/dagRuns`, { logical_date: null, conf: cost.conf, note: "From the coverage page" });
    cost.run = { dag: cost.dag, run: run.dag_run_id };
  }
}

// Says how runs go until they have ended; `changed` after every look.
export async function follow(place, runs, changed) {
  const going = runs.filter(Boolean);
  for (let ended = false; !ended; ) {
    const states = await Promise.all(going.map((run) => airflow(`/dags/${run.dag}/dagRuns/${encodeURIComponent(run.run)}`).then((found) => found.state)));
    place.replaceChildren("Backfill ", ...going.flatMap((run, index) => [link(runAddress(run), states[index]), " "]));
    await changed();
    ended = states.every((state) => state === "success" || state === "failed");
    if (!ended) await new Promise((resolve) => setTimeout(resolve, 3000));
  }
}

function duration(minutes) {
  if (minutes < 1) return "less than a minute";
  return minutes < 120 ? `about ${Math.ceil(minutes)} minutes` : `about ${(minutes / 60).toFixed(1)} hours`;
}

function problem(dialog, error) {
  dialog.append(element("p", { class: "bad", role: "alert" }, error.message));
  dialog.querySelector(".primary")?.removeAttribute("disabled");
}
