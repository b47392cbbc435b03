// window.RulePanes.open(textarea): a pane in the place of a textarea, which keeps the text.
//
// The pane stands in a shadow root: there its styles are adopted sheets, which a strict
// Content-Security-Policy lets pass; in the page itself they would be <style> elements.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";

import { grammarOf } from "./languages.js";
import { effects, marks, startOfLine } from "./marks.js";
import { theme } from "./theme.js";

const INDENTS = { yaml: "  ", go: "\t" };

function languageOf(name) {
  return [grammarOf(name), indentUnit.of(INDENTS[name] || "    ")];
}

// What is typed over a selection: Chromium would keep the style of what it replaces as an inline
// style, which the policy of the page refuses with an error in the console. Done here, nothing is.
function typeOver(event, view) {
  if (event.inputType !== "insertText" || event.isComposing || event.data === null) return false;
  const chosen = view.root.getSelection?.(); // Chromium alone has it in shadow roots
  if (!chosen || chosen.isCollapsed) return false;
  event.preventDefault();
  if (view.state.readOnly) return true;
  const ends = [view.posAtDOM(chosen.anchorNode, chosen.anchorOffset), view.posAtDOM(chosen.focusNode, chosen.focusOffset)];
  const [from, to] = ends.sort((one, other) => one - other);
  const insert = view.state.toText(event.data);
  const selection = { anchor: from + insert.length };
  view.dispatch({ changes: { from, to, insert }, selection, userEvent: "input.type", scrollIntoView: true });
  return true;
}

// Tab leaves the pane, as in every field; Ctrl+] and Ctrl+[ indent.
function setup(textarea, { label, isReadOnly, onChange, keys, language }) {
  const ours = Object.entries(keys).map(([key, act]) => ({ key, run: () => (act(), true) }));
  return [
    keymap.of([...ours, ...defaultKeymap, ...historyKeymap, ...searchKeymap]),
    lineNumbers(),
    marks,
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    search(),
    theme,
    language,
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, "aria-readonly": String(isReadOnly), spellcheck: "false" }),
    EditorView.domEventHandlers({ beforeinput: typeOver }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      textarea.value = update.state.doc.toString();
      onChange?.();
    }),
  ];
}

function open(textarea, options) {
  const host = document.createElement("div");
  host.className = "pane-editor";
  host.dataset.pane = textarea.name;
  textarea.after(host);
  textarea.hidden = true;
  // What is typed here is text, not one of the page's keys.
  host.addEventListener("keydown", (event) => event.stopPropagation());
  const root = host.attachShadow({ mode: "open" });
  const language = new Compartment();
  const first = language.of(languageOf(options.language));
  const view = new EditorView({
    doc: textarea.value,
    extensions: setup(textarea, { isReadOnly: false, keys: {}, ...options, language: first }),
    parent: root,
    root,
  });
  let name = options.language;
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    set language(wanted) {
      if (wanted === name) return;
      name = wanted;
      view.dispatch({ effects: language.reconfigure(languageOf(wanted)) });
    },
    showProblem: (text, line) => view.dispatch({ effects: effects.showProblem.of({ text, line }) }),
    showRun: (matches, signs) =>
      view.dispatch({ effects: [effects.showMatches.of(matches), effects.showSigns.of(signs)] }),
    goTo(line) {
      const anchor = startOfLine(view.state.doc, line);
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
      view.focus();
    },
    focus: () => view.focus(),
  };
}

window.RulePanes = { open };
