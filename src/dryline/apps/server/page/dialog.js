// The one dialog of the page: a title, what is asked, and the way out.

import { h, byId, put } from "./dom.js";

export function openDialog(title, ...content) {
  const dialog = byId("dialog");
  put(
    dialog,
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: "dialog-title" }, title),
      h("button", { type: "button", "aria-label": "Close", onclick: closeDialog }, "×"),
    ),
    content,
  );
  if (!dialog.open) dialog.showModal();
  return dialog;
}

export function closeDialog() {
  byId("dialog").close();
}

export const dialogIsOpen = () => byId("dialog").open;

/** A word at the foot of the screen that goes by itself. */
export function toast(text, tone = "") {
  const node = byId("toast");
  node.textContent = text;
  node.dataset.tone = tone;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => {
    node.textContent = "";
  }, 6000);
}

/** A refusal in words, with what helps. */
export function toastFault(fault) {
  toast([fault.message, fault.remedy].filter(Boolean).join(". "), "bad");
}
