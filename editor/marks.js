// What a run found, shown in a pane: signs in the margin, marked code, and a problem below its line.

import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, WidgetType, gutter } from "@codemirror/view";

const showMatches = StateEffect.define();
const showSigns = StateEffect.define();
const showProblem = StateEffect.define();

class Sign extends GutterMarker {
  constructor(kind, glyph, title) {
    super();
    Object.assign(this, { kind, glyph, title });
  }

  eq(other) {
    return this.kind === other.kind && this.title === other.title;
  }

  toDOM() {
    const sign = document.createElement("span");
    Object.assign(sign, { className: `cm-sign-${this.kind}`, textContent: this.glyph, title: this.title });
    return sign;
  }
}

class Problem extends WidgetType {
  constructor(text) {
    super();
    this.text = text;
  }

  eq(other) {
    return this.text === other.text;
  }

  toDOM() {
    return Object.assign(document.createElement("div"), { className: "cm-problem", textContent: `⚠ ${this.text}` });
  }
}

// Lines of 1; those that are past the end belong to the last one.
const lineOf = (doc, number) => doc.line(Math.min(Math.max(number, 1), doc.lines));
const offsetOf = (doc, number, column) => {
  const line = lineOf(doc, number);
  return Math.min(line.from + Math.max(column - 1, 0), line.to);
};

const matches = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    let now = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(showMatches)) now = marksOf(transaction.state.doc, effect.value);
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function marksOf(doc, found) {
  const ranges = found
    .map((one) => [offsetOf(doc, one.line, one.column), offsetOf(doc, one.end_line, one.end_column), one.message])
    .filter(([from, to]) => to > from)
    .map(([from, to, title]) => Decoration.mark({ class: "cm-match", attributes: { title } }).range(from, to));
  return Decoration.set(ranges, true);
}

const signs = StateField.define({
  create: () => RangeSet.empty,
  update(set, transaction) {
    let now = set.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(showSigns)) {
        const { doc } = transaction.state;
        const ranges = effect.value.map((one) => new Sign(one.kind, one.glyph, one.title).range(lineOf(doc, one.line).from));
        now = RangeSet.of(ranges, true);
      }
    }
    return now;
  },
});

const problem = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    let now = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(showProblem)) now = problemOf(transaction.state.doc, effect.value);
    }
    return now;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function problemOf(doc, told) {
  if (!told.text || !told.line) return Decoration.none;
  const line = lineOf(doc, told.line);
  return Decoration.set([
    Decoration.line({ class: "cm-problem-line" }).range(line.from),
    Decoration.widget({ widget: new Problem(told.text), block: true, side: 1 }).range(line.to),
  ]);
}

export const marks = [
  matches,
  signs,
  problem,
  gutter({ class: "cm-signs", markers: (view) => view.state.field(signs) }),
];
export const effects = { showMatches, showSigns, showProblem };
export const startOfLine = (doc, number) => lineOf(doc, number).from;
