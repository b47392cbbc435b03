// Which grammar colors the code of a language that rules name; none: plain text.
// Full parsers for the most frequent; the small stream modes do for the rest, at a tenth of the size.

import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { php } from "@codemirror/lang-php";
import { python } from "@codemirror/lang-python";
import { yaml } from "@codemirror/lang-yaml";
import { StreamLanguage } from "@codemirror/language";
import { c, cpp, csharp, dart, java, kotlin, scala } from "@codemirror/legacy-modes/mode/clike";
import { dockerFile } from "@codemirror/legacy-modes/mode/dockerfile";
import { go } from "@codemirror/legacy-modes/mode/go";
import { lua } from "@codemirror/legacy-modes/mode/lua";
import { ruby } from "@codemirror/legacy-modes/mode/ruby";
import { rust } from "@codemirror/legacy-modes/mode/rust";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { swift } from "@codemirror/legacy-modes/mode/swift";

const stream = (mode) => () => StreamLanguage.define(mode);
const script = (options) => () => javascript(options);
const GRAMMARS = [
  [["yaml"], yaml],
  [["python", "py", "python2", "python3"], python],
  [["javascript", "js"], script({ jsx: true })],
  [["typescript", "ts"], script({ jsx: true, typescript: true })],
  [["go", "golang"], stream(go)],
  [["java", "apex"], stream(java)],
  [["php"], php],
  [["rust"], stream(rust)],
  [["c"], stream(c)],
  [["cpp", "c++"], stream(cpp)],
  [["html", "xml", "vue"], html],
  [["json"], json],
  [["csharp", "c#"], stream(csharp)],
  [["kotlin", "kt"], stream(kotlin)],
  [["scala"], stream(scala)],
  [["dart"], stream(dart)],
  [["ruby", "rb"], stream(ruby)],
  [["swift"], stream(swift)],
  [["bash", "sh"], stream(shell)],
  [["dockerfile", "docker"], stream(dockerFile)],
  [["lua"], stream(lua)],
];
const BY_NAME = new Map(GRAMMARS.flatMap(([names, grammar]) => names.map((name) => [name, grammar])));

export function grammarOf(language) {
  const grammar = BY_NAME.get(language.toLowerCase());
  return grammar ? grammar() : [];
}
