// Building the page from nodes and text only: what comes from outside is never read as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (or `on…` listeners, `class`, `dataset`) and children. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for a node of an SVG picture. */
export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/** Put other children into a node. */
export function put(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/** Say something in a node, touching it only where it says something else. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

export function mark(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (name in node.dataset) delete node.dataset[name];
  } else if (node.dataset[name] !== String(value)) node.dataset[name] = value;
}

export const byId = (id) => document.getElementById(id);

/** Rows kept by key: made once, drawn again only where their key or cells changed, moved least. */
export class Keyed {
  constructor(parent, make) {
    this.parent = parent;
    this.make = make;
    this.kept = new Map();
  }

  update(keys, draw) {
    const wanted = new Set(keys);
    for (const [key, row] of this.kept) {
      if (!wanted.has(key)) {
        row.node.remove();
        this.kept.delete(key);
      }
    }
    let place = this.parent.firstElementChild;
    for (const key of keys) {
      let row = this.kept.get(key);
      if (!row) {
        row = this.make(key);
        this.kept.set(key, row);
      }
      if (row.node === place) place = place.nextElementSibling;
      else this.parent.insertBefore(row.node, place);
      draw(row, key);
    }
  }

  clear() {
    for (const row of this.kept.values()) row.node.remove();
    this.kept.clear();
  }
}

/** Calls `draw(width, height)` whenever a node's size has changed, and lets others ask for it. */
export function sized(node, draw) {
  let width = 0;
  let height = 0;
  const again = () => {
    if (width > 0 && height > 0) draw(width, height);
  };
  new ResizeObserver(([entry]) => {
    const box = entry.contentRect;
    if (Math.round(box.width) === width && Math.round(box.height) === height) return;
    [width, height] = [Math.round(box.width), Math.round(box.height)];
    again();
  }).observe(node);
  return again;
}

/** At most once in `ms`, the last one always. */
export function calmly(ms, run) {
  let due = null;
  let last = -Infinity;
  return () => {
    if (due !== null) return;
    const wait = Math.max(0, last + ms - performance.now());
    due = setTimeout(() => {
      due = null;
      last = performance.now();
      run();
    }, wait);
  };
}
