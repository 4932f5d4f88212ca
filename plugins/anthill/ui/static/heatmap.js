// The heat map: rows are datasets, columns are days; drawn on a canvas, walked with the keyboard.
import { NAMES, WORST, colours, draw, isGap, isGoldGap, isThere } from "./states.js";

const ROW = 20, HEADING = 24, AXIS = 30;

export class HeatMap extends EventTarget {
  constructor(root) {
    super();
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.tip = root.querySelector("#tip");
    this.active = root.querySelector("#active");
    Object.assign(this, { days: [], lines: [], first: 0, last: 0, cursor: { row: 0, day: 0 }, anchor: null, chosen: new Map() });
    new ResizeObserver(() => this.draw()).observe(root);
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focus", () => this.draw());
    root.addEventListener("blur", () => this.draw());
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.canvas.addEventListener("pointerup", () => { this.dragging = false; });
    this.canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    this.canvas.addEventListener("dblclick", () => this.tell("open"));
  }

  // groups: [{asset_class, description, rows: [{dataset, states, fillable, description}], gold: [{table, reads, states}]}]
  show(days, groups) {
    const at = this.line();
    this.days = days;
    this.lines = groups.flatMap((group) => [{ heading: group }, ...group.rows.map((row) => ({ group, row, name: row.dataset, id: `${group.asset_class}.${row.dataset}` })),
      ...group.gold.map((row) => ({ group, row, gold: true, name: `gold ${row.table}`, id: `gold.${group.asset_class}_${row.table}` }))]);
    this.cells = this.lines.map((line, index) => index).filter((index) => this.lines[index].row);
    const kept = at && this.lines.findIndex((line) => line.id === at.id);
    this.cursor.row = kept > 0 ? kept : this.cells[0] ?? 0;
    for (const id of this.chosen.keys()) if (!this.lines.some((line) => line.id === id)) this.chosen.delete(id);
    let top = AXIS;
    for (const line of this.lines) { line.top = top; line.height = line.row ? ROW : HEADING; top += line.height; }
    this.height = top + 4;
  }

  window(first, last) {
    this.first = Math.max(0, first);
    this.last = Math.min(this.days.length - 1, last);
    this.cursor.day = Math.min(Math.max(this.cursor.day, this.first), this.last);
    this.measure();
    this.draw();
  }

  line(row = this.cursor.row) { return this.lines?.[row]?.row ? this.lines[row] : null; }
  letter(row = this.cursor.row, day = this.cursor.day) { return this.line(row)?.row.states[day] ?? "."; }
  get shown() { return this.last - this.first + 1; }
  // Asking the page for a width makes it lay itself out: once a frame, not once a cell.
  measure() {
    const width = this.root.clientWidth;
    this.left = Math.min(this.widest() + 24, Math.max(108, width * 0.45));
    this.wide = Math.max(0, width - this.left - 6) / Math.max(1, this.shown);
    return width;
  }
  // The names as wide as the widest of them: a name that is cut may be another's.
  widest() {
    const context = this.canvas.getContext("2d");
    context.font = "600 12px system-ui, sans-serif";
    return Math.max(0, ...this.lines.map((line) => (line.row ? context.measureText(line.name).width : 0)));
  }
  x(day) { return this.left + (day - this.first) * this.wide; }

  draw() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = null; this.paint(); });
  }

  paint() {
    const width = this.measure(), ratio = window.devicePixelRatio || 1;
    if (!width || !this.days.length) return;
    this.canvas.width = width * ratio;
    this.canvas.height = this.height * ratio;
    this.canvas.style.height = `${this.height}px`;
    const context = this.canvas.getContext("2d");
    context.scale(ratio, ratio);
    const palette = colours();
    this.axis(context, palette);
    for (const [index, line] of this.lines.entries()) {
      context.textBaseline = "middle"; context.textAlign = "left";
      if (line.heading) this.heading(context, palette, line);
      else this.row(context, palette, line, index);
    }
    if (document.activeElement === this.root || this.dragging) this.ring(context, palette);
    this.announce();
  }

  heading(context, palette, line) {
    context.fillStyle = palette.text; context.font = "600 13px system-ui, sans-serif";
    context.fillText(line.heading.asset_class, 8, line.top + HEADING / 2 + 2);
    context.fillStyle = palette.quiet; context.font = "12px system-ui, sans-serif";
    context.fillText(line.heading.description, this.left, line.top + HEADING / 2 + 2);
  }

  row(context, palette, line, index) {
    context.fillStyle = index === this.cursor.row ? palette.text : palette.quiet;
    context.font = `${index === this.cursor.row ? 600 : 400} 12px system-ui, sans-serif`;
    context.fillText(fitted(context, line.name, this.left - 24), 16, line.top + ROW / 2);
    for (const run of this.runs(line)) {
      draw(context, palette, run.letter, run.from, line.top + 2, Math.max(0.6, run.to - run.from - (this.wide > 5 ? 1 : 0)), ROW - 4);
      if (!run.marked) continue;
      context.fillStyle = palette.chosen; context.fillRect(run.from, line.top, run.to - run.from, ROW);
      context.fillStyle = palette.cursor; context.fillRect(run.from, line.top + ROW - 2, run.to - run.from, 2);
    }
  }

  // What is drawn of a row: cells where they can be told apart, else neighbours that are the same as one.
  runs(line) {
    const states = line.row.states, chosen = this.chosen.get(line.id), apart = this.wide > 5, runs = [];
    const add = (letter, from, to, marked) => {
      const last = runs.at(-1);
      if (!apart && last && last.letter === letter && last.marked === marked) last.to = to;
      else runs.push({ letter, from, to, marked });
    };
    if (this.wide >= 1) {
      for (let day = this.first; day <= this.last; day++) add(states[day], this.x(day), this.x(day + 1), Boolean(chosen?.has(day)));
      return runs;
    }
    for (let pixel = 0; pixel < this.shown * this.wide; pixel++) {
      const from = this.first + Math.floor(pixel / this.wide), to = Math.min(this.last + 1, this.first + Math.ceil((pixel + 1) / this.wide));
      let worst = ".", marked = false;
      for (let day = from; day < to; day++) {
        if (states[day] !== worst && WORST.indexOf(states[day]) < WORST.indexOf(worst)) worst = states[day];
        marked ||= Boolean(chosen?.has(day));
      }
      add(worst, this.left + pixel, this.left + pixel + 1, marked);
    }
    return runs;
  }

  axis(context, palette) {
    context.font = "11px system-ui, sans-serif"; context.textAlign = "left"; context.textBaseline = "alphabetic";
    const step = this.wide >= 22 ? 10 : this.shown <= 560 ? 7 : 4; // a label a day, a month, a year
    let before = "", free = 0;
    for (let day = this.first; day <= this.last; day++) {
      const text = this.days[day], part = text.slice(0, step);
      if (part === before) continue;
      before = part;
      const x = this.x(day), label = step === 10 ? text.slice(5) : part;
      context.fillStyle = palette.line; context.fillRect(x, AXIS - 8, 1, this.height - AXIS + 8);
      if (x < free) continue;
      context.fillStyle = palette.quiet; context.fillText(label, x + 2, AXIS - 12);
      free = x + context.measureText(label).width + 10;
    }
  }

  ring(context, palette) {
    const line = this.line();
    if (!line) return;
    context.strokeStyle = palette.cursor; context.lineWidth = 2;
    const x = this.x(this.cursor.day), width = Math.max(4, this.wide);
    context.strokeRect(x - (width - this.wide) / 2, line.top + 1, width, ROW - 2);
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const row = this.lines.findIndex((line) => line.row && y >= line.top && y < line.top + line.height);
    const day = this.first + Math.floor((x - this.left) / this.wide);
    return row >= 0 && x >= this.left && day >= this.first && day <= this.last ? { row, day } : null;
  }

  press(event) {
    const place = this.place(event);
    this.root.focus({ preventScroll: true });
    if (!place) return;
    this.dragging = true;
    this.anchor = event.shiftKey && this.anchor ? this.anchor : place;
    this.before = event.ctrlKey || event.metaKey || event.shiftKey ? copy(this.chosen) : new Map();
    this.move(place);
    if (event.shiftKey || event.ctrlKey || event.metaKey) this.stretch();
    else { this.chosen = new Map(); this.tell("choose"); }
    this.tell("open");
  }

  hover(event) {
    const place = this.place(event);
    this.tip.hidden = !place;
    if (!place) return;
    const line = this.lines[place.row];
    this.tip.textContent = `${line.id}, ${this.days[place.day]}: ${NAMES[line.row.states[place.day]]}`;
    const box = this.root.getBoundingClientRect(), x = event.clientX - box.left;
    this.tip.style.left = `${Math.max(4, Math.min(x + 12, box.width - this.tip.offsetWidth - 4))}px`;
    this.tip.style.top = `${event.clientY - box.top + 16}px`;
    if (this.dragging && (place.row !== this.cursor.row || place.day !== this.cursor.day)) { this.move(place); this.stretch(); }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { row, day } = this.cursor, at = this.cells.indexOf(row), step = Math.max(1, Math.round(1 / this.wide));
    const moves = {
      ArrowLeft: [0, -step], ArrowRight: [0, step], ArrowUp: [-1, 0], ArrowDown: [1, 0],
      Home: [0, this.first - day], End: [0, this.last - day],
    };
    if (moves[event.key]) {
      if (event.shiftKey && !this.anchor) { this.anchor = { row, day }; this.before = copy(this.chosen); }
      if (!event.shiftKey) this.anchor = null;
      const [down, right] = moves[event.key];
      const to = Math.min(Math.max(at + down, 0), this.cells.length - 1);
      this.move({ row: this.cells[to], day: Math.min(Math.max(day + right, 0), this.days.length - 1) });
      if (event.shiftKey) this.stretch();
    } else if (event.key === " ") this.toggle();
    else if (event.key === "Enter") this.tell("open");
    else if (event.key === "g") this.chooseGaps([row]);
    else if (event.key === "G") this.chooseGaps(this.cells);
    else if (event.key === "f") this.tell("fill");
    else if (event.key === "+" || event.key === "-") this.tell("zoom", event.key);
    else if (event.key === "PageUp" || event.key === "PageDown") this.tell("pan", event.key === "PageUp" ? -1 : 1);
    else if (event.key === "Escape") this.clear();
    else return;
    event.preventDefault();
  }

  move(place) {
    this.cursor = { ...place };
    if (place.day < this.first) this.window(place.day, place.day + this.shown - 1);
    else if (place.day > this.last) this.window(place.day - this.shown + 1, place.day);
    this.tell("move");
    this.draw();
  }

  stretch() {
    const [rows, days] = ["row", "day"].map((name) => [this.anchor[name], this.cursor[name]].sort((a, b) => a - b));
    this.chosen = copy(this.before);
    for (let row = rows[0]; row <= rows[1]; row++) {
      for (let day = days[0]; day <= days[1]; day++) this.choose(row, day);
    }
    this.tell("choose");
  }

  choose(row, day) {
    const line = this.line(row), letter = this.letter(row, day);
    if (line?.gold ? !isGoldGap(letter) : !line?.row.fillable || !(isGap(letter) || isThere(letter))) return;
    if (!this.chosen.has(line.id)) this.chosen.set(line.id, new Set());
    this.chosen.get(line.id).add(day);
  }

  toggle() {
    const { row, day } = this.cursor, days = this.chosen.get(this.line()?.id);
    if (days?.has(day)) days.delete(day); else this.choose(row, day);
    this.tell("choose");
  }

  chooseGaps(rows) {
    for (const row of rows) {
      for (let day = this.first; day <= this.last; day++) if (isGap(this.letter(row, day)) || isGoldGap(this.letter(row, day))) this.choose(row, day);
    }
    this.tell("choose");
  }

  clear() { this.chosen = new Map(); this.anchor = null; this.tell("choose"); }

  announce() {
    const line = this.line();
    if (!line) return;
    const letter = this.letter(), chosen = this.chosen.get(line.id)?.has(this.cursor.day) ? ", selected" : "";
    this.active.textContent = `${line.id}, ${this.days[this.cursor.day]}: ${NAMES[letter]}${chosen}`;
  }

  tell(name, detail) {
    this.draw();
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

const copy = (chosen) => new Map([...chosen].map(([id, days]) => [id, new Set(days)]));

function fitted(context, text, width) {
  let short = text;
  while (short.length > 3 && context.measureText(short).width > width) short = short.slice(0, -2);
  return short === text ? text : `${short}…`;
}
