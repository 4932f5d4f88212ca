// What the page asks of its own app and of Airflow, with the viewer's own session.

const ROOT = location.pathname.replace(/\/anthill\/(coverage|trace)\/?$/, "");

export class Refused extends Error {}

async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(ROOT + path, { credentials: "same-origin", ...options });
  } catch (error) {
    throw new Refused(`Airflow does not answer (${error.message}). Check the network and try again.`);
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const said = typeof body.detail === "string" ? body.detail : JSON.stringify(body.detail ?? answer.statusText);
  if (answer.status === 401) throw new Refused("Your session has ended: reload Airflow and sign in.");
  throw new Refused(answer.status === 403 ? `You may not do this: ${said}` : said);
}

const sent = (method, body) => ({ method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

export const ours = (path, query = {}) => call(`/anthill/api/${path}?${new URLSearchParams(query)}`);
export const estimate = (form) => call("/anthill/api/estimate", sent("POST", form));
export const airflow = (path) => call(`/api/v2${path}`);
export const change = (method, path, body) => call(`/api/v2${path}`, sent(method, body));

export function runAddress({ dag, run, task, map_index }) {
  const base = `${ROOT}/dags/${dag}/runs/${encodeURIComponent(run)}`;
  if (!task) return base;
  return `${base}/tasks/${task}` + (map_index === null || map_index === undefined ? "" : `/mapped/${map_index}`);
}
