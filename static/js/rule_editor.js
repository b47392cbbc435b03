// The rule editor's page: panes in the place of textareas, keys, runs shown in them, unsaved work.
"use strict";

(() => {
  const page = document.querySelector("[data-editor]");
  const form = document.getElementById("editor-form");
  if (!page || !form || !window.RulePanes) return;

  const one = (selector) => page.querySelector(selector);
  const CHECK_AFTER_MILLISECONDS = 500;
  const isReadOnly = "readonly" in page.dataset;
  const texts = { rule: form.elements.text, code: form.elements.test_code };

  // --- Unsaved work -------------------------------------------------------------------------
  const now = () => [texts.rule.value, texts.code.value].join("\u0000");
  let saved = "unsaved" in page.dataset ? null : now();
  const isUnsaved = () => !isReadOnly && now() !== saved;

  function showState() {
    const state = one("[data-save-state]");
    if (state) state.textContent = isUnsaved() ? "● Unsaved changes" : "";
  }

  // Links of this page that leave it on purpose still ask: the browser does.
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved()) event.preventDefault();
  });

  // --- Panes --------------------------------------------------------------------------------
  const press = (selector) => () => one(selector)?.click();
  const keys = isReadOnly ? {} : { "Mod-Enter": press("[data-run]"), "Mod-s": press("[data-save]") };
  const panes = {
    rule: RulePanes.open(texts.rule, { label: "Rule, YAML", language: "yaml", isReadOnly, keys, onChange: onRuleChange }),
    code: RulePanes.open(texts.code, { label: "Test code", language: page.dataset.language, isReadOnly, keys, onChange }),
  };
  for (const [name, field] of Object.entries(texts)) {
    document.querySelector(`label[for="${field.id}"]`).addEventListener("click", () => panes[name].focus());
  }

  document.addEventListener("keydown", (event) => {
    if (isReadOnly || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
    const act = { Enter: keys["Mod-Enter"], s: keys["Mod-s"] }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  function onChange() {
    showState();
    const stale = one("[data-run-stale]");
    if (stale) stale.hidden = false;
  }

  function onRuleChange() {
    onChange();
    showLanguage();
    if (!isReadOnly) checkSoon();
  }

  // --- The language of the code, as the rule names it ----------------------------------------
  const LANGUAGE = /^\s*(?:-\s+)?["']?languages["']?\s*:\s*(?:\[\s*|\r?\n\s*-\s*)["']?([\w#+.-]+)/m;

  function showLanguage() {
    const named = LANGUAGE.exec(texts.rule.value);
    if (!named) return;
    panes.code.language = named[1];
    one("[data-language-said]").textContent = named[1];
  }

  // --- What is wrong with the rule, said while it is typed -------------------------------------
  let timer = 0;
  let asked = 0;

  function checkSoon() {
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER_MILLISECONDS);
  }

  async function check() {
    const number = ++asked;
    const body = new URLSearchParams({
      text: texts.rule.value,
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
    });
    try {
      const answer = await fetch(page.dataset.check, { method: "POST", body });
      if (!answer.ok || number !== asked) return;
      const { problem, line } = await answer.json();
      showProblem(problem, line);
    } catch {
      // Without the server nothing is known; *Run* says so.
    }
  }

  function showProblem(problem, line) {
    panes.rule.showProblem(problem, line);
    const where = line ? `Line ${line}: ` : "";
    one("[data-problem-said]").textContent = problem ? `⚠ ${where}${problem}` : "";
  }

  // --- Runs -----------------------------------------------------------------------------------
  function showRun() {
    const panel = document.getElementById("trial");
    const said = one("[data-run-said]");
    const headline = panel?.querySelector("[data-run-headline]");
    said.textContent = headline ? headline.innerText.trim() : "";
    if (!panel?.dataset.runResult) return;
    const { problem, problem_line: line, matches, signs } = JSON.parse(panel.dataset.runResult);
    panes.code.showRun(matches, signs);
    showProblem(line ? problem : "", line);
  }

  page.addEventListener("click", ({ target }) => {
    const link = target.closest("[data-go-to]");
    if (link) panes.code.goTo(Number(link.dataset.goTo));
  });

  let tried = null;
  let sent = null;
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt.matches("[data-run]")) tried = now();
    if (detail.elt.matches("[data-save], [name=over]")) {
      sent = now();
      one("[data-save-state]").textContent = "The scanner checks the rule …";
    }
  });
  document.body.addEventListener("htmx:afterRequest", showState);
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === "trial") {
      showRun();
      if (tried !== null && tried !== now()) onChange();
    }
    if (detail.target.id === "save-problem") {
      const told = detail.target.querySelector("[data-save-problem]");
      if (told?.dataset.problemLine) showProblem(told.dataset.saveProblem, Number(told.dataset.problemLine));
    }
    if (detail.target.id === "editor-head") {
      saved = sent; // what was sent is saved, what was typed since is not
      one("[data-save-label]").textContent = "Save";
      form.elements.note.value = "";
    }
    showState();
  });

  showLanguage();
  showRun();
  showState();
})();
