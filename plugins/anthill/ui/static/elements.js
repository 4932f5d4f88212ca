// Elements from plain descriptions: text is always text, never markup.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-")) made.setAttribute(name, String(value));
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

// Airflow shows the page in a frame that may open nothing itself: a link of the frame is followed by the page around it.
export function link(address, text) {
  const follow = (event) => {
    if (window.parent === window) return;
    event.preventDefault();
    const outside = window.parent.document.createElement("a");
    Object.assign(outside, { href: new URL(address, location.href).href, target: "_blank", rel: "noopener" });
    outside.click();
  };
  return element("a", { href: address, target: "_blank", rel: "noopener", onclick: follow }, text);
}

export function age(seconds) {
  for (const [size, name] of [[86400, "day"], [3600, "hour"], [60, "minute"]]) {
    const count = Math.round(seconds / size);
    if (count >= 1) return `${count} ${name}${count > 1 ? "s" : ""}`;
  }
  return "moments";
}

export const number = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en"));
export const moment = (text) => (text ? text.slice(0, 16).replace("T", " ") + " UTC" : "–");
