// The panes in the colors of static/css/tokens.css, which change with the scheme by themselves.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.controlKeyword, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: [tags.propertyName, tags.function(tags.variableName), tags.className, tags.typeName, tags.definition(tags.variableName), tags.tagName], color: "var(--code-name)" },
  { tag: [tags.comment, tags.meta], class: "cm-comment" },
  { tag: tags.invalid, color: "var(--critical)" },
]);

const frame = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", height: "100%", fontSize: "var(--text-s)" },
  "&.cm-focused": { outline: "none" }, // the page draws it, around the whole pane
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", fontFeatureSettings: '"calt" 0' },
  ".cm-content": { caretColor: "var(--text)", padding: "var(--space-2) 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters, .cm-gutters.cm-gutters-before": {
    backgroundColor: "var(--sunken)", color: "var(--faint)", borderRight: "1px solid var(--line)",
  },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { boxShadow: "inset 0 0 0 1px var(--line)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--active)", color: "var(--text)" },
  "& .cm-selectionLayer .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--accent-line)",
  },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": { backgroundColor: "var(--active)", outline: "1px solid var(--line-strong)" },
  ".cm-selectionMatch": { backgroundColor: "var(--active)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search label, .cm-panel.cm-search": { fontSize: "var(--text-xs)", fontFamily: "var(--sans)" },
  ".cm-textfield, .cm-button": {
    background: "var(--surface)", color: "var(--text)", border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius-s)", backgroundImage: "none",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius-s)", fontFamily: "var(--sans)",
  },
  ".cm-problem-line": { backgroundColor: "var(--critical-soft)" },
  ".cm-problem": {
    margin: "0 var(--space-3) 0 var(--space-5)", color: "var(--critical)", fontFamily: "var(--sans)",
    fontSize: "var(--text-xs)", whiteSpace: "pre-wrap", contain: "inline-size", // wraps in the pane as it is
  },
  // Never by color alone: a match is underlined and its line has a sign in the margin.
  ".cm-match": {
    backgroundColor: "var(--code-mark)", textDecoration: "underline 2px", textUnderlineOffset: "0.2em",
    textDecorationColor: "var(--medium)",
  },
  ".cm-comment": { color: "var(--code-comment)" },
  ".cm-match .cm-comment, .cm-comment .cm-match": { color: "var(--text)" }, // on its ground it would be too pale
  ".cm-signs": { minWidth: "1.5em", textAlign: "center", fontWeight: "700" },
  ".cm-sign-met": { color: "var(--good)" },
  ".cm-sign-missed": { color: "var(--critical)" },
  ".cm-sign-match": { color: "var(--medium)" },
});

export const theme = [frame, syntaxHighlighting(colors)];
