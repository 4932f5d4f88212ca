// The states: a colour that the colour-blind can tell, and a shape that tells it without colour.

export const NAMES = { L: "landed", E: "empty", R: "restated", X: "refused", K: "key refused", T: "late", M: "missing", G: "gone", W: "not due", C: "declared closed", P: "published", O: "outdated", H: "held back", N: "not published", B: "bronze lacks it", ".": "no market day" };
export const ORDER = ["L", "R", "E", "M", "T", "X", "K", "G", "W", "C"];
export const GOLD = ["P", "O", "H", "N", "B"];
// Of days that share a pixel, the one that most needs to be seen.
export const WORST = "HNOMTXKREGBPLWC.";
export const isGap = (letter) => letter === "M" || letter === "T" || letter === "X" || letter === "K";
export const isGoldGap = (letter) => letter === "H" || letter === "O" || letter === "N";
export const isThere = (letter) => letter === "L" || letter === "E" || letter === "R";

// Bars, from the top of the row to its bottom, in parts of its height.
const SHAPES = { L: [0, 1], R: [0, 1], E: [0.38, 0.62], X: [0, 0.5], K: [0, 0.3, 0.7, 1], T: [0.5, 1], M: [0, 1], G: [0.8, 1], W: [0.45, 0.55], C: [0.1, 0.25, 0.75, 0.9], P: [0.2, 1], O: [0.2, 0.5, 0.65, 1], H: [0, 1], N: [0.2, 0.4], B: [0.45, 0.55] };

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return Object.fromEntries([...ORDER, ...GOLD, "mark", "cursor", "chosen", "text", "quiet", "line", "back", "raised"].map((name) => [name, of(name)]));
}

export function draw(context, palette, letter, x, y, width, height) {
  const shape = SHAPES[letter];
  if (!shape) return;
  context.fillStyle = palette[letter];
  for (let at = 0; at < shape.length; at += 2) context.fillRect(x, y + height * shape[at], width, Math.max(1, height * (shape[at + 1] - shape[at])));
  context.fillStyle = palette.mark;
  if ((letter === "M" || letter === "H") && (width < 12 || width > 60)) hole(context, x, y, width, height);
  if (letter === "R") context.fillRect(x, y + height * 0.16, width, Math.max(1, height * 0.12));
  if (width >= 12 && width <= 60 && "RXTMKHON".includes(letter)) {
    context.fillStyle = "XTKON".includes(letter) ? palette.text : palette.mark;
    context.font = "600 10px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    const middle = { R: 0.62, X: 0.78, K: 0.5, T: 0.25, M: 0.5, H: 0.5, O: 0.57, N: 0.7 }[letter];
    context.fillText({ R: "r", X: "x", K: "k", T: "t", M: "×", H: "!", O: "o", N: "n" }[letter], x + width / 2, y + height * middle);
  }
}

// A gap has a hole, at any width that can show one.
function hole(context, x, y, width, height) {
  const cell = width >= 4 && width <= 12, wide = cell ? width * 0.4 : width;
  context.fillRect(x + (width - wide) / 2, y + height * (cell ? 0.38 : 0.48), wide, cell ? height * 0.24 : 1);
}
