// Which columns, in which order: remembered on this machine.

import { COLUMNS, BY_NAME } from "./columns.js";
import { openDialog } from "./dialog.js";
import { h, put } from "./dom.js";
import { icon } from "./icons.js";
import { choose } from "./prefs.js";
import { visibleColumns } from "./timing.js";

export function openColumns() {
  const list = h("ol", { class: "choices" });
  let names = visibleColumns();

  const keep = (next) => {
    names = next;
    choose({ columns: names });
    draw();
  };
  const move = (name, step) => {
    const at = names.indexOf(name);
    const next = names.filter((one) => one !== name);
    next.splice(Math.max(0, at + step), 0, name);
    keep(next);
  };
  const item = (name) => {
    const { title, says } = BY_NAME.get(name);
    const visible = names.includes(name);
    const box = h("input", { type: "checkbox", id: `column-${name}` });
    box.checked = visible;
    box.disabled = name === "number";
    box.addEventListener("change", () =>
      keep(visible ? names.filter((one) => one !== name) : [...names, name]),
    );
    const arrow = (sign, step, what) =>
      h(
        "button",
        {
          type: "button",
          "aria-label": `${title} ${what}`,
          disabled: !visible,
          onclick: () => move(name, step),
        },
        icon(sign),
      );
    return h(
      "li",
      {},
      box,
      h("label", { for: `column-${name}` }, h("b", {}, title), ` ${says}`),
      arrow("up", -1, "further left"),
      arrow("down", 1, "further right"),
    );
  };
  const draw = () =>
    put(
      list,
      [...names, ...COLUMNS.map((each) => each.name).filter((name) => !names.includes(name))].map(
        item,
      ),
    );

  draw();
  openDialog(
    "Columns",
    list,
    h(
      "p",
      { class: "buttons" },
      h(
        "button",
        {
          type: "button",
          onclick: () => {
            choose({ columns: null });
            names = visibleColumns();
            draw();
          },
        },
        "As many as there is room for",
      ),
    ),
  );
}
