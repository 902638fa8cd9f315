// The template editor. Every rule is the engine's: this shows text, underlines what it is told to, and offers the
// names that it was given.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

/**
 * @param {HTMLElement} host filled by the editor
 * @param {string} text to begin with
 * @param {string} names what completion offers: a row each, name, tab, detail
 * @param {(text: string) => void} onChange after each change by a person
 */
export function make(host, text, names, onChange) {
  return new Editor(host, text, names, onChange);
}

class Editor {
  constructor(host, text, names, onChange) {
    this.quiet = false;
    this.options = names.split("\n").map((row) => {
      const [label, detail] = row.split("\t");
      return { label, detail, type: "property", apply: `${label}: ` };
    });
    const told = EditorView.updateListener.of((update) => {
      if (update.docChanged && !this.quiet) onChange(update.state.doc.toString());
    });
    const state = EditorState.create({ doc: text, extensions: [this.extensions(), told] });
    this.view = new EditorView({ state, parent: host });
  }

  /** Replaces everything, as when another group is opened. */
  setText(text) {
    if (text === this.view.state.doc.toString()) return;
    this.quiet = true;
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    this.quiet = false;
  }

  /** Findings, a row each: line, column, length, severity, message, with tabs between. */
  mark(rows) {
    const found = rows ? rows.split("\n").map((row) => this.diagnostic(row.split("\t"))) : [];
    this.view.dispatch(setDiagnostics(this.view.state, found));
  }

  /** Puts the cursor there and shows it. */
  reveal(line, column) {
    const at = this.place(line, column);
    this.view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    this.view.focus();
  }

  destroy() {
    this.view.destroy();
  }

  place(line, column) {
    const doc = this.view.state.doc;
    const row = doc.line(Math.min(Math.max(1, line), doc.lines));
    // Rust counts characters, the editor UTF-16 units.
    const before = Array.from(row.text).slice(0, Math.max(0, column - 1)).join("").length;
    return row.from + Math.min(before, row.length);
  }

  diagnostic([line, column, length, severity, message]) {
    const from = this.place(Number(line), Number(column));
    const to = this.place(Number(line), Number(column) + Number(length));
    return { from, to: Math.max(from, to), severity, message };
  }

  complete(context) {
    const word = context.matchBefore(/^\s*-?\s*[A-Za-z]*/);
    if (!word || (!context.explicit && !/[A-Za-z]{2}$/.test(word.text))) return null;
    const from = context.pos - /[A-Za-z]*$/.exec(word.text)[0].length;
    return { from, options: this.options, validFor: /^[A-Za-z]*$/ };
  }

  extensions() {
    return [
      lineNumbers(),
      foldGutter(),
      lintGutter(),
      history(),
      drawSelection(),
      highlightSpecialChars(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      bracketMatching(),
      yaml(),
      syntaxHighlighting(colours),
      autocompletion({ override: [(context) => this.complete(context)], icons: false }),
      // Tab stays the browser's: whoever has no mouse must be able to leave.
      keymap.of([
        ...defaultKeymap,
        ...historyKeymap,
        ...foldKeymap,
        ...completionKeymap,
        ...lintKeymap,
      ]),
      EditorState.tabSize.of(2),
      EditorView.contentAttributes.of({ "aria-label": "CloudFormation template", spellcheck: "false", tabindex: "0" }),
      look,
    ];
  }
}

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.string, tags.attributeValue], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword, tags.typeName], color: "var(--primary)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.meta], color: "var(--quiet)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", backgroundColor: "transparent", color: "var(--text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--accent)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--quiet)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 26%, transparent) !important",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--panel)",
    color: "var(--text)",
    border: "1px solid var(--line)",
    borderRadius: "6px",
    boxShadow: "0 6px 20px rgb(0 0 0 / 18%)",
  },
  ".cm-tooltip-autocomplete ul li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { color: "inherit", opacity: "0.75", fontStyle: "normal" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--raised)", color: "var(--quiet)", border: "1px solid var(--line)" },
});
