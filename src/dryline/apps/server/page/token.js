// Asking for the token where the server wants one.

import { get, hasToken, setToken } from "./api.js";
import { closeDialog, openDialog } from "./dialog.js";
import { h } from "./dom.js";

/** Resolves once the server knows us. */
export async function admitted(session = () => get("/api/session")) {
  for (;;) {
    try {
      return await session();
    } catch (fault) {
      if (fault.status !== 401 && fault.status !== 403) throw fault;
      await asked(hasToken() ? `${fault.message}.` : "");
    }
  }
}

function asked(why) {
  return new Promise((done) => {
    const field = h("input", {
      type: "password",
      id: "token",
      autocomplete: "off",
      required: true,
      maxlength: 400,
    });
    const form = h(
      "form",
      { class: "token", method: "dialog" },
      h("p", {}, "This pit wall asks who you are."),
      why && h("p", { class: "warn" }, why),
      h("label", { for: "token" }, "Token"),
      field,
      h("p", { class: "buttons" }, h("button", { class: "accept", type: "submit" }, "Enter")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      setToken(field.value.trim());
      closeDialog();
    });
    const dialog = openDialog("Token", form);
    dialog.addEventListener("close", done, { once: true }); // without a token it is asked again
    field.focus();
  });
}
