// What HTML cannot do by itself: theme, dialogs, copying, selection and keys. No framework.
"use strict";

(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const TOAST_MILLISECONDS = 6000;

  // --- Messages -----------------------------------------------------------------------------
  function toast(text, kind = "success") {
    const box = document.createElement("p");
    box.className = `toast toast-${kind}`;
    box.append(Object.assign(document.createElement("span"), { textContent: text }));
    one("#toasts").append(box);
    setTimeout(() => box.remove(), TOAST_MILLISECONDS);
  }

  document.body.addEventListener("toast", (event) => toast(event.detail.value));
  document.body.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    if (xhr.getResponseHeader("HX-Refresh")) return;
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const problem = one("[data-problem]", page);
    toast(problem ? problem.textContent : `That did not work (${xhr.status}). Load the page again.`, "error");
  });
  document.body.addEventListener("htmx:sendError", () =>
    toast("The server cannot be reached. Nothing was changed.", "error"),
  );

  // --- Theme --------------------------------------------------------------------------------
  function toggleTheme() {
    const root = document.documentElement;
    const isDark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  }

  // --- Copying ------------------------------------------------------------------------------
  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(text);
      return;
    }
    // Plain http on another host has no clipboard; the old way still works.
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }

  // --- Selection of findings ----------------------------------------------------------------
  const selected = () => all("[data-select]:checked");

  function showSelection() {
    const bar = one("[data-bulk-bar]");
    if (!bar) return;
    const count = selected().length;
    bar.hidden = count === 0;
    one("[data-selected-count]").textContent = `${count} selected`;
    one("[data-selected-number]").textContent = String(count);
    for (const words of all("[data-selected-words]")) {
      words.textContent = count === 1 ? "1 finding" : `${count} findings`;
    }
    const everything = one("[data-select-all]");
    if (!everything) return;
    everything.checked = count > 0 && count === all("[data-select]").length;
    everything.indeterminate = count > 0 && !everything.checked;
  }

  function select(isChecked) {
    for (const box of all("[data-select]")) box.checked = isChecked;
    showSelection();
  }

  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-select-all]")) select(target.checked);
    else if (target.matches("[data-select]")) showSelection();
  });
  document.body.addEventListener("htmx:afterSettle", showSelection);
  document.body.addEventListener("findings-changed", () => {
    for (const dialog of all("dialog[open]")) dialog.close();
    one("#bulk")?.reset();
  });

  // --- Panels that load themselves anew -------------------------------------------------------
  const RELOADS = ["analysis-changed", "finding-changed", "findings-changed"];
  const FIELDS = "textarea, input:not([type=hidden])";
  const isTouched = (field) =>
    /^(checkbox|radio)$/.test(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  const isBeingFilled = (panel) => all(FIELDS, panel).some(isTouched);
  const waitingPanels = new Set();

  // What somebody is typing is worth more than what is new: the panel waits for its end.
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { triggeringEvent } = detail.requestConfig;
    if (!triggeringEvent || !RELOADS.includes(triggeringEvent.type)) return;
    const { id } = detail.target;
    if (!isBeingFilled(detail.target)) {
      waitingPanels.delete(id);
      return;
    }
    detail.shouldSwap = false;
    if (!waitingPanels.size) toast("There is something new here. It is shown once your text is sent or cleared.", "info");
    waitingPanels.add(id);
  });
  document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
    // 204: the form was taken; what stands in it is no draft any more.
    if (detail.xhr.status === 204 && detail.elt.matches("form")) detail.elt.reset();
  });
  document.addEventListener("focusout", () => {
    for (const id of waitingPanels) {
      const panel = document.getElementById(id);
      if (panel && isBeingFilled(panel)) continue;
      waitingPanels.delete(id);
      if (panel) htmx.trigger(document.body, "finding-changed");
    }
  });

  // --- Dialogs that the server fills ----------------------------------------------------------
  document.body.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
    if (target.matches("[data-open-when-filled]") && !target.open) target.showModal();
  });

  // --- Clicks -------------------------------------------------------------------------------
  const clicks = {
    "[data-theme-toggle]": toggleTheme,
    "[data-select-none]": () => select(false),
    "[data-dismiss]": (button) => button.closest(".toast").remove(),
    "[data-open]": (button) => document.getElementById(button.dataset.open).showModal(),
    "[data-close]": (button) => button.closest("dialog").close(),
    "[data-copy]": (button) => copy(button.dataset.copy).then(() => toast("Copied.")),
    "[data-menu]": (button) => {
      const isOpen = button.closest(".sidebar").classList.toggle("is-open");
      button.setAttribute("aria-expanded", String(isOpen));
    },
  };

  document.addEventListener("click", ({ target }) => {
    if (target instanceof HTMLDialogElement) target.close(); // its backdrop was clicked
    for (const [selector, act] of Object.entries(clicks)) {
      const element = target.closest(selector);
      if (element) act(element);
    }
    for (const menu of all(".person[open], .switcher[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
  });

  // --- Keys ---------------------------------------------------------------------------------
  function move(step) {
    const rows = all("[data-row]");
    if (!rows.length) return;
    const here = rows.indexOf(document.activeElement.closest("[data-row]"));
    const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : here + step;
    one("a", rows[Math.min(Math.max(next, 0), rows.length - 1)]).focus();
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      const box = document.activeElement.closest("[data-row]")?.querySelector("[data-select]");
      if (box) box.click();
    },
    t: () => selected().length && one("#triage-dialog")?.showModal(),
    "/": () => one("#search")?.focus(),
    "?": () => one("#keys")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    const { target } = event;
    if (target.matches("textarea, select, input:not([type=checkbox], [type=radio])")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // --- At the start -------------------------------------------------------------------------
  const isNarrow = matchMedia("(max-width: 75rem)").matches;
  const fold = (root) => isNarrow && all("[data-open-when-wide]", root).forEach((box) => (box.open = false));
  fold(document);
  document.body.addEventListener("htmx:load", ({ detail }) => fold(detail.elt));
  for (const box of all("#toasts .toast-success, #toasts .toast-info")) {
    setTimeout(() => box.remove(), 2 * TOAST_MILLISECONDS);
  }
  showSelection(); // a browser may have kept the check boxes
})();
