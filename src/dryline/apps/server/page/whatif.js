// Questions to the workers: what if a rival stops, the race is neutralised, it rains.

import { post } from "./api.js";
import { closeDialog, openDialog, toast, toastFault } from "./dialog.js";
import { h, put } from "./dom.js";
import { heroClass, classOrder, ours } from "./focus.js";
import { choose } from "./prefs.js";
import { said } from "./says.js";
import { state } from "./store.js";
import { FLAGS, ONE_FLAG } from "./words.js";

const option = (value, text = value) => h("option", { value }, text);
const labelled = (text, node) => h("label", {}, text, node);

export function openWhatIf() {
  if (!state.session || state.session.role === "viewer") return;
  const kind = h(
    "select",
    { name: "kind", "aria-label": "What if" },
    option("rival_stop", "a rival stops"),
    option("neutralisation", "the race is neutralised"),
    option("rain", "it rains"),
    option("compare", "one plan against another"),
  );
  const fields = h("div", { class: "fields" });
  const form = h(
    "form",
    { class: "whatif", method: "dialog" },
    labelled("What if", kind),
    fields,
    h(
      "p",
      { class: "buttons" },
      h("button", { class: "accept", type: "submit" }, "Ask"),
      h("button", { type: "button", onclick: closeDialog }, "Cancel"),
    ),
  );
  const draw = () => put(fields, FIELDS[kind.value]());
  kind.addEventListener("change", draw);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
  draw();
  openDialog("What if…", form);
  kind.focus();
}

const FIELDS = {
  rival_stop() {
    const rivals = classOrder(heroClass()).filter((number) => number !== ours());
    const first = state.screen.cars[rivals[0]];
    const lap = h("input", {
      type: "number",
      name: "lap",
      min: 1,
      max: 2000,
      value: (first?.laps ?? 0) + 2,
      required: true,
    });
    const car = h(
      "select",
      { name: "car_number" },
      rivals.map((number) => option(number, `#${number} ${state.screen.cars[number].team}`)),
    );
    car.addEventListener("change", () => {
      lap.value = state.screen.cars[car.value].laps + 2;
    });
    return [labelled("Car", car), labelled("stops at the end of lap", lap)];
  },
  neutralisation() {
    return labelled(
      "Now begins",
      h(
        "select",
        { name: "neutralisation" },
        ["safety_car", "fcy", "vsc", "red"].map((kind) => option(kind, ONE_FLAG[kind])),
      ),
    );
  },
  rain() {
    return [
      labelled("In sector", h("select", { name: "sector" }, option("1"), option("2"), option("3"))),
      labelled(
        "for minutes",
        h("input", {
          type: "number",
          name: "minutes",
          min: 1,
          max: 240,
          value: 15,
          required: true,
        }),
      ),
    ];
  },
  compare() {
    const plans = state.team?.call?.advice?.candidates ?? [];
    if (plans.length < 2)
      return h("p", { class: "muted" }, "There is no call with two plans to compare.");
    const lap = (state.screen.cars[ours()]?.laps ?? 0) + 1;
    const plan = (name, chosen) => {
      const node = h(
        "select",
        { name },
        plans.map((each) => option(each.key, said(each, "exact", lap))),
      );
      node.value = plans[chosen].key;
      return node;
    };
    return [labelled("Plan", plan("a", 0)), labelled("against", plan("b", 1))];
  },
};

async function ask(form) {
  const given = Object.fromEntries(new FormData(form));
  for (const name of ["lap", "sector", "minutes"])
    if (name in given) given[name] = Number(given[name]);
  try {
    await post("/api/what-ifs", given);
    closeDialog();
    choose({ side: "log" });
    toast("Asked; the answer comes under Log.");
  } catch (fault) {
    toastFault(fault);
  }
}

/** A question in words. */
export function questionWords(question) {
  switch (question.kind) {
    case "rival_stop":
      return `#${question.car_number} stops on lap ${question.lap}`;
    case "neutralisation":
      return `${FLAGS[question.neutralisation] ?? question.neutralisation} now`;
    case "rain":
      return `rain in S${question.sector} for ${question.minutes} min`;
    case "compare":
      return `${question.a} against ${question.b}`;
    default:
      return question.kind ?? "?";
  }
}
