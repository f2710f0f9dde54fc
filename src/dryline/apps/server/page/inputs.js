// What the team types: one line, with the author's name, and what was typed before.

import { post } from "./api.js";
import { toast, toastFault } from "./dialog.js";
import { h, mark, put, show } from "./dom.js";
import { clock } from "./format.js";
import { choose, prefs } from "./prefs.js";
import { on, state } from "./store.js";
import { maySeeCalls } from "./our_car.js";

const line = h("input", {
  type: "text",
  id: "team-line",
  maxlength: "200",
  autocomplete: "off",
  spellcheck: "false",
  placeholder: "Tell the wall: 31 two tyres · 51 energy 43 · rain s2",
  "aria-label": "Team input",
});
const author = h("input", {
  type: "text",
  id: "author",
  maxlength: "24",
  autocomplete: "off",
  placeholder: "your name",
  "aria-label": "Your name",
});

/** The form in which facts are typed; hidden from viewers. */
export function inputForm() {
  author.value = prefs.author;
  author.addEventListener("change", () => choose({ author: author.value.trim() }));
  const form = h(
    "form",
    { class: "team-line", hidden: true },
    author,
    line,
    h("button", { type: "submit" }, "Enter"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (line.value.trim()) tell(line.value.trim());
  });
  on("session", () => show(form, maySeeCalls()));
  return form;
}

async function tell(text) {
  line.setAttribute("aria-busy", "true");
  try {
    const { number } = await post("/api/inputs", { text, author: prefs.author || "pit wall" });
    line.value = "";
    toast(`${number}: ${text}`);
  } catch (fault) {
    toastFault(fault);
  } finally {
    line.removeAttribute("aria-busy");
  }
}

/** Everything typed, newest first, each with its undo. */
export function inputList(node) {
  const inputs = [...(state.team?.inputs ?? [])].reverse();
  put(
    node,
    inputs.map((one) => {
      const item = h(
        "li",
        {},
        h("time", {}, clock(one.at_ms)),
        " ",
        h("b", {}, one.author),
        " ",
        h(
          "span",
          { class: "typed" },
          one.car_number && !one.text.includes(one.car_number)
            ? `${one.car_number} ${one.text}`
            : one.text,
        ),
        one.undone
          ? h("span", { class: "muted" }, " undone")
          : one.kind === "heard"
            ? h("span", { class: "muted" }, " heard, counts for nothing")
            : one.kind !== "undo" && [" ", undoButton(one)],
      );
      mark(item, "undone", one.undone);
      return item;
    }),
  );
}

function undoButton(one) {
  return h(
    "button",
    {
      type: "button",
      class: "small",
      "aria-label": `Undo ${one.text}`,
      onclick: () => tell(`undo ${one.number}`),
    },
    "undo",
  );
}
