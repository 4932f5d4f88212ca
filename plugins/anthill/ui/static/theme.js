// Dark or light, as Airflow's own pages are; as the machine prefers where there is no Airflow around the page.
export function follow(changed) {
  const machine = window.matchMedia("(prefers-color-scheme: dark)");
  const outside = window.parent !== window ? window.parent.document.documentElement : null;
  const apply = () => {
    const chosen = outside ? (outside.classList.contains("dark") ? "dark" : outside.classList.contains("light") ? "light" : "") : "";
    const dark = chosen ? chosen === "dark" : machine.matches;
    document.documentElement.classList.toggle("dark", dark);
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    changed();
  };
  machine.addEventListener("change", apply);
  if (outside) new MutationObserver(apply).observe(outside, { attributes: true, attributeFilter: ["class"] });
  apply();
}
