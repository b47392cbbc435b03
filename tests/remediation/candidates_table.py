"""Changes that people and models make, good and bad, in ten languages; each with its outcome."""

# ruff: noqa: E501, ISC004 the changes stand as their authors would write them
from dataclasses import dataclass, field


def rule(name, language, pattern, **more):
    body = (
        {"pattern": pattern}
        if isinstance(pattern, str)
        else {"pattern-either": [{"pattern": one} for one in pattern]}
    )
    return {
        "id": name,
        "languages": [language],
        "severity": "HIGH",
        "message": name,
        **body,
        **more,
    }


@dataclass(frozen=True, kw_only=True)
class Case:
    """`edits` are (search, replace) pairs; `rule_id` is the finding's."""

    name: str
    language: str
    rule_id: str
    edits: tuple
    reason: str


@dataclass(kw_only=True)
class Table:
    """One file and the changes of it."""

    language: str
    path: str
    text: str
    rules: list
    cases: list = field(default_factory=list)

    def add(self, rule_id, reason, name, *edits):
        self.cases.append(
            Case(name=name, language=self.language, rule_id=rule_id, edits=edits, reason=reason)
        )


PYTHON = Table(
    language="python",
    path="app/views.py",
    text="""import hashlib
import os
import pickle
import random
import subprocess

import requests
import yaml
from flask import Flask, Markup, request

app = Flask(__name__)
SECRET = "hunter2-hunter2"


def find(cursor, name):
    if not name:
        return None
    cursor.execute("SELECT * FROM users WHERE name = '%s'" % name)
    return cursor.fetchone()


def listing(folder):
    os.system("ls -l " + folder)
    return folder


def compute(text, user):
    check_allowed(user)
    if user.is_admin and text:
        return eval(text)
    else:
        return 0


def other(text):
    return eval(text)


def load(stream):
    return yaml.load(stream, Loader=yaml.Loader)


def restore(data):
    return pickle.loads(data)


def fingerprint(data):
    digest = hashlib.md5()
    digest.update(data)
    return digest.hexdigest()


def token(alphabet):
    return "".join(random.choice(alphabet) for _ in range(16))


def page(url):
    return requests.get(url, verify=False)


def greet(name):
    return Markup("<b>" + name + "</b>")


def run(command):
    return subprocess.run(command, shell=True, check=True)


def sign(text):
    return hmac_of(text, SECRET)


def read(name):
    with open("/data/" + name) as stream:
        return stream.read()


if __name__ == "__main__":
    app.run(debug=True)
""",
    rules=[
        rule("py-sql", "python", '$C.execute("..." % ...)'),
        rule("py-system", "python", "os.system(...)"),
        rule("py-eval", "python", "eval(...)"),
        rule("py-yaml", "python", "yaml.load(..., Loader=yaml.Loader)"),
        rule("py-pickle", "python", "pickle.loads(...)"),
        rule("py-md5", "python", "hashlib.md5(...)"),
        rule("py-random", "python", "random.choice(...)"),
        rule("py-verify", "python", "requests.$M(..., verify=False, ...)"),
        rule("py-markup", "python", 'Markup("..." + ...)'),
        rule("py-shell", "python", "subprocess.run(..., shell=True, ...)"),
        rule("py-secret", "python", 'SECRET = "..."'),
        rule("py-open", "python", 'open("..." + $X)'),
        rule("py-debug", "python", "app.run(..., debug=True, ...)"),
        rule("py-exec", "python", "exec(...)"),
    ],
)
SQL = "cursor.execute(\"SELECT * FROM users WHERE name = '%s'\" % name)"
EVAL = "        return eval(text)\n    else:\n"
P = PYTHON.add
P(
    "py-sql",
    "ok",
    "parameters in place of formatting",
    (SQL, 'cursor.execute("SELECT * FROM users WHERE name = %s", (name,))'),
)
P(
    "py-system",
    "ok",
    "a list of arguments in place of a shell",
    ('os.system("ls -l " + folder)', 'subprocess.run(["ls", "-l", folder], check=False)'),
)
P(
    "py-eval",
    "ok",
    "literals alone, with an import at the top",
    ("import hashlib\n", "import ast\nimport hashlib\n"),
    (EVAL, EVAL.replace("eval(", "ast.literal_eval(")),
)
P("py-eval", "ok", "a number in place of an expression", (EVAL, EVAL.replace("eval(", "float(")))
P(
    "py-yaml",
    "ok",
    "the safe loader",
    ("yaml.load(stream, Loader=yaml.Loader)", "yaml.safe_load(stream)"),
)
P("py-yaml", "ok", "the safe loader by its name", ("Loader=yaml.Loader", "Loader=yaml.SafeLoader"))
P(
    "py-pickle",
    "ok",
    "JSON in place of pickle, the import replaced",
    ("import pickle\n", "import json\n"),
    ("pickle.loads(data)", "json.loads(data)"),
)
P("py-md5", "ok", "another hash", ("hashlib.md5()", "hashlib.sha256()"))
P(
    "py-md5",
    "ok",
    "three statements in one",
    (
        "    digest = hashlib.md5()\n    digest.update(data)\n    return digest.hexdigest()\n",
        "    return hashlib.sha256(data).hexdigest()\n",
    ),
)
P(
    "py-random",
    "ok",
    "random bytes from the system",
    ("import random\n", "import secrets\n"),
    ('"".join(random.choice(alphabet) for _ in range(16))', "secrets.token_urlsafe(16)"),
)
P(
    "py-random",
    "ok",
    "the same call of another module",
    ("import random\n", "import secrets\n"),
    ("random.choice(alphabet)", "secrets.choice(alphabet)"),
)
P(
    "py-verify",
    "ok",
    "an argument removed",
    ("requests.get(url, verify=False)", "requests.get(url, timeout=10)"),
)
P("py-verify", "ok", "an argument turned", ("verify=False", "verify=True"))
P(
    "py-markup",
    "ok",
    "escaped output",
    ('Markup("<b>" + name + "</b>")', 'Markup("<b>{}</b>").format(name)'),
)
P(
    "py-shell",
    "ok",
    "split, without a shell",
    ("import requests\n", "import shlex\n\nimport requests\n"),
    (
        "subprocess.run(command, shell=True, check=True)",
        "subprocess.run(shlex.split(command), check=True)",
    ),
)
P(
    "py-secret",
    "ok",
    "a secret from the environment",
    ('SECRET = "hunter2-hunter2"', 'SECRET = os.environ["SECRET"]'),
)
P(
    "py-secret",
    "ok",
    "a secret read where it is used",
    ('SECRET = "hunter2-hunter2"\n', ""),
    ("hmac_of(text, SECRET)", 'hmac_of(text, os.environ["SECRET"])'),
)
P(
    "py-open",
    "ok",
    "a checked path",
    (
        '    with open("/data/" + name) as stream:\n',
        '    path = os.path.realpath(os.path.join("/data", name))\n    if not path.startswith("/data/"):\n'
        '        raise ValueError("outside of the folder")\n    with open(path) as stream:\n',
    ),
)
P("py-debug", "ok", "a debug flag removed", ("app.run(debug=True)", "app.run()"))
P(
    "py-eval",
    "ok",
    "another finding of the rule stays",
    ("def other(text):\n    return eval(text)\n", "def other(text):\n    return int(text)\n"),
)
P(
    "py-eval",
    "no_change",
    "a comment alone",
    ("def other(text):\n", "def other(text):\n    # checked by the caller\n"),
)
P("py-eval", "no_change", "white space alone", ("def other(text):\n", "\ndef other(text):\n"))
P(
    "py-eval",
    "too_large",
    "a hundred lines more",
    ("def other(text):\n", "".join(f"V{n} = {n}\n" for n in range(100)) + "\n\ndef other(text):\n"),
)
for mark in (
    "# nosemgrep",
    "# NOSEM: py-eval",
    "# nosec",
    "# noqa: S307",
    "# pylint: disable=eval-used",
    "# type: ignore",
    "# NOSONAR",
    "# lgtm [py/eval]",
):
    P(
        "py-eval",
        "suppression",
        f"silenced by {mark}",
        ("    return eval(text)\n\n\ndef load", f"    return eval(text)  {mark}\n\n\ndef load"),
    )
P(
    "py-eval",
    "suppression",
    "a good fix that silences as well",
    ("    return eval(text)\n\n\ndef load", "    return int(text)  # nosemgrep\n\n\ndef load"),
)
P("py-eval", "syntax_error", "a bracket lost", (EVAL, EVAL.replace("eval(text)", "int(text")))
P(
    "py-eval",
    "syntax_error",
    "wrong indentation",
    ("def other(text):\n    return eval(text)", "def other(text):\nreturn int(text)"),
)
P(
    "py-eval",
    "syntax_error",
    "broken so that the rule's words are gone",
    ("def other(text):\n    return eval(text)", "def other(:\n    return int(text)"),
)
P(
    "py-eval",
    "deletes_code",
    "a constant in place of the result",
    (EVAL, EVAL.replace("eval(text)", "None")),
)
P(
    "py-eval",
    "deletes_code",
    "an error in place of the result",
    (EVAL, EVAL.replace("return eval(text)", "raise NotImplementedError")),
)
P(
    "py-system",
    "deletes_code",
    "the flagged statement removed",
    ('    os.system("ls -l " + folder)\n', ""),
)
P(
    "py-system",
    "deletes_code",
    "the flagged statement in a comment",
    ('    os.system("ls', '    # os.system("ls'),
)
P(
    "py-system",
    "deletes_code",
    "the body emptied",
    ('    os.system("ls -l " + folder)\n    return folder\n', "    pass\n"),
)
P(
    "py-system",
    "deletes_code",
    "a message in place of the call",
    ('os.system("ls -l " + folder)', 'print("ls -l " + folder)'),
)
P(
    "py-eval",
    "deletes_code",
    "the function gone",
    ("def other(text):\n    return eval(text)\n\n\n", ""),
)
P(
    "py-eval",
    "deletes_code",
    "the branch gone",
    ("    if user.is_admin and text:\n" + EVAL + "        return 0\n", "    return float(text)\n"),
)
P(
    "py-eval",
    "deletes_code",
    "a check gone",
    ("    check_allowed(user)\n", ""),
    (EVAL, EVAL.replace("eval(", "float(")),
)
P(
    "py-eval",
    "deletes_code",
    "a condition that asks less",
    ("user.is_admin and text", "text"),
    (EVAL, EVAL.replace("eval(", "float(")),
)
P(
    "py-system",
    "deletes_code",
    "never reached",
    ('    os.system("ls', '    return folder\n    os.system("ls'),
)
P(
    "py-eval",
    "deletes_code",
    "under a condition that never holds",
    (
        "def other(text):\n    return eval(text)",
        "def other(text):\n    if False:\n        return eval(text)",
    ),
)
P(
    "py-pickle",
    "deletes_code",
    "the call gone from around its argument",
    ("pickle.loads(data)", "data"),
)
P(
    "py-eval",
    "still_fires",
    "the variable renamed",
    ("def other(text):\n    return eval(text)", "def other(words):\n    return eval(words)"),
)
P(
    "py-eval",
    "still_fires",
    "a line before it",
    (
        "def other(text):\n    return eval(text)",
        "def other(text):\n    text = text.strip()\n    return eval(text)",
    ),
)
P(
    "py-eval",
    "still_fires",
    "an alias",
    (
        "def other(text):\n    return eval(text)",
        "def other(text):\n    compute_it = eval\n    return compute_it(text)",
    ),
)
P(
    "py-system",
    "still_fires",
    "a name in pieces",
    ('os.system("ls -l " + folder)', 'getattr(os, "sys" + "tem")("ls -l " + folder)'),
)
P(
    "py-system",
    "still_fires",
    "a module by another name",
    ('    os.system("ls', '    module = __import__("os")\n    module.system("ls'),
)
P("py-system", "still_fires", "a sister of the function", ("os.system(", "os.popen("))
P(
    "py-sql",
    "still_fires",
    "formatted in another way",
    (SQL, "cursor.execute(f\"SELECT * FROM users WHERE name = '{name}'\")"),
)
P("py-verify", "still_fires", "the same constant in other words", ("verify=False", "verify=0"))
P(
    "py-secret",
    "still_fires",
    "the secret in pieces",
    ('"hunter2-hunter2"', '"hunter2" + "-hunter2"'),
)
P("py-md5", "still_fires", "the hash by its name", ("hashlib.md5()", 'hashlib.new("md5")'))
P(
    "py-eval",
    "still_fires",
    "in a lambda",
    (
        "def other(text):\n    return eval(text)",
        "def other(text):\n    return (lambda value: eval(value))(text)",
    ),
)
P(
    "py-eval",
    "new_finding",
    "another rule fires",
    (
        "def other(text):\n    return eval(text)",
        "def other(text):\n    os.system(text)\n    return int(text)",
    ),
)
P(
    "py-eval",
    "new_finding",
    "the rule fires elsewhere",
    ("def other(text):\n    return eval(text)", "def other(text):\n    return int(text)"),
    ("    return hmac_of(text, SECRET)", "    return hmac_of(eval(text + '1'), SECRET)"),
)
P(
    "py-exec",
    "check_failed",
    "a rule that does not fire here",
    (EVAL, EVAL.replace("eval(", "float(")),
)

JAVASCRIPT = Table(
    language="javascript",
    path="src/server.js",
    text="""const express = require("express");
const cp = require("child_process");
const crypto = require("crypto");
const app = express();

app.get("/calc", (req, res) => {
  if (!req.query.q) {
    return res.status(400).end();
  }
  const value = eval(req.query.q);
  res.json({ value });
});

app.get("/ls", (req, res) => {
  cp.exec("ls " + req.query.dir, (error, output) => {
    res.send(output);
  });
});

function show(name) {
  document.getElementById("name").innerHTML = name;
}

function hash(text) {
  return crypto.createHash("md5").update(text).digest("hex");
}

function id() {
  return Math.random().toString(36);
}

function rows(db, name) {
  return db.query("SELECT * FROM t WHERE name = '" + name + "'");
}

process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
module.exports = { show, hash, id, rows };
""",
    rules=[
        rule("js-eval", "javascript", "eval(...)"),
        rule("js-exec", "javascript", 'cp.exec("..." + ..., ...)'),
        rule("js-html", "javascript", "$E.innerHTML = $X"),
        rule("js-md5", "javascript", '$C.createHash("md5")'),
        rule("js-random", "javascript", "Math.random()"),
        rule("js-sql", "javascript", '$D.query("..." + ...)'),
        rule("js-tls", "javascript", 'process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"'),
    ],
)
J = JAVASCRIPT.add
J("js-eval", "ok", "a number", ("eval(req.query.q)", "Number(req.query.q)"))
J("js-eval", "ok", "JSON", ("eval(req.query.q)", "JSON.parse(req.query.q)"))
J(
    "js-exec",
    "ok",
    "a program and its arguments",
    ('cp.exec("ls " + req.query.dir, ', 'cp.execFile("ls", ["--", req.query.dir], '),
)
J("js-html", "ok", "text in place of markup", ("innerHTML", "textContent"))
J(
    "js-html",
    "ok",
    "sanitized markup",
    (".innerHTML = name", ".textContent = DOMPurify.sanitize(name)"),
)
J("js-md5", "ok", "another hash", ('"md5"', '"sha256"'))
J(
    "js-random",
    "ok",
    "random bytes",
    ("Math.random().toString(36)", 'crypto.randomBytes(16).toString("hex")'),
)
J(
    "js-sql",
    "ok",
    "a parameter",
    ('"SELECT * FROM t WHERE name = \'" + name + "\'"', '"SELECT * FROM t WHERE name = ?", [name]'),
)
J("js-tls", "ok", "a setting removed", ('process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";\n', ""))
J(
    "js-eval",
    "suppression",
    "eslint",
    ("  const value = eval", "  // eslint-disable-next-line no-eval\n  const value = Number"),
)
J("js-eval", "syntax_error", "a bracket lost", ("eval(req.query.q);", "Number(req.query.q;"))
J("js-eval", "deletes_code", "a constant", ("eval(req.query.q)", "null"))
J(
    "js-html",
    "deletes_code",
    "the body emptied",
    ('  document.getElementById("name").innerHTML = name;\n', ""),
)
J(
    "js-eval",
    "deletes_code",
    "the validation gone",
    ("  if (!req.query.q) {\n    return res.status(400).end();\n  }\n", ""),
    ("eval(", "Number("),
)
J(
    "js-random",
    "deletes_code",
    "a function gone",
    ("function id() {\n  return Math.random().toString(36);\n}\n\n", ""),
)
J(
    "js-eval",
    "still_fires",
    "an alias",
    ("const value = eval(req.query.q)", "const run = eval;\n  const value = run(req.query.q)"),
)
J(
    "js-eval",
    "still_fires",
    "of the window",
    ("eval(req.query.q)", 'globalThis["eval"](req.query.q)'),
)
J(
    "js-eval",
    "still_fires",
    "a function from text",
    ("eval(req.query.q)", "new Function(req.query.q)()"),
)
J("js-exec", "still_fires", "a template", ('"ls " + req.query.dir', "`ls ${req.query.dir}`"))
J("js-html", "still_fires", "a property by its text", (".innerHTML =", '["innerHTML"] ='))
J("js-html", "still_fires", "a sister of the property", (".innerHTML =", ".outerHTML ="))
J("js-md5", "still_fires", "other letters", ('"md5"', '"MD5"'))
J("js-random", "new_finding", "a new evaluation", ("Math.random().toString(36)", 'eval("1")'))

TYPESCRIPT = Table(
    language="typescript",
    path="src/view.component.ts",
    text="""import { DomSanitizer } from "@angular/platform-browser";

export class View {
  constructor(private sanitizer: DomSanitizer, private element: HTMLElement) {}

  show(name: string): void {
    this.element.innerHTML = `<b>${name}</b>`;
  }

  html(text: string): unknown {
    return this.sanitizer.bypassSecurityTrustHtml(text);
  }

  parse(text: string): any {
    try {
      return eval("(" + text + ")");
    } catch (error) {
      return null;
    }
  }
}
""",
    rules=[
        rule("ts-html", "typescript", "$E.innerHTML = $X"),
        rule("ts-bypass", "typescript", "$S.bypassSecurityTrustHtml(...)"),
        rule("ts-eval", "typescript", "eval(...)"),
    ],
)
T = TYPESCRIPT.add
T("ts-html", "ok", "text", ("innerHTML = `<b>${name}</b>`", "textContent = name"))
T(
    "ts-bypass",
    "ok",
    "sanitized",
    ("bypassSecurityTrustHtml(text)", "sanitize(SecurityContext.HTML, text)"),
)
T("ts-bypass", "ok", "no trust", ("this.sanitizer.bypassSecurityTrustHtml(text)", "text"))
T("ts-eval", "ok", "JSON", ('eval("(" + text + ")")', "JSON.parse(text)"))
T(
    "ts-eval",
    "suppression",
    "ts-ignore",
    ('      return eval("(" + text + ")")', "      // @ts-ignore\n      return JSON.parse(text)"),
)
T(
    "ts-eval",
    "syntax_error",
    "a broken type",
    ("parse(text: string): any {", "parse(text: string: any {"),
    ('eval("(" + text + ")")', "JSON.parse(text)"),
)
T(
    "ts-eval",
    "deletes_code",
    "the catch gone",
    (
        '    try {\n      return eval("(" + text + ")");\n    } catch (error) {\n      return null;\n    }\n',
        "    return JSON.parse(text);\n",
    ),
)
T("ts-eval", "still_fires", "indirect", ("eval(", "(0, eval)("))
T(
    "ts-html",
    "still_fires",
    "cast to any",
    ("this.element.innerHTML =", '(this.element as any)["innerHTML"] ='),
)

JAVA = Table(
    language="java",
    path="src/main/java/Users.java",
    text="""package acme;

import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Random;

public class Users {
    private final Connection connection;

    public Users(Connection connection) {
        this.connection = connection;
    }

    public ResultSet find(String name) throws Exception {
        if (name == null) {
            throw new IllegalArgumentException("name");
        }
        Statement statement = connection.createStatement();
        return statement.executeQuery("SELECT * FROM users WHERE name = '" + name + "'");
    }

    public byte[] hash(byte[] data) throws Exception {
        return MessageDigest.getInstance("MD5").digest(data);
    }

    public int token() {
        return new Random().nextInt();
    }

    public Process run(String folder) throws Exception {
        return Runtime.getRuntime().exec("ls " + folder);
    }
}
""",
    rules=[
        rule("java-sql", "java", '$S.executeQuery("..." + ...)'),
        rule("java-md5", "java", 'MessageDigest.getInstance("MD5")'),
        rule("java-random", "java", "new Random()"),
        rule("java-exec", "java", '$R.exec("..." + ...)'),
    ],
)
V = JAVA.add
STATEMENT = '        Statement statement = connection.createStatement();\n        return statement.executeQuery("SELECT * FROM users WHERE name = \'" + name + "\'");\n'
V(
    "java-sql",
    "ok",
    "a prepared statement",
    ("import java.sql.Statement;", "import java.sql.PreparedStatement;"),
    (
        STATEMENT,
        '        PreparedStatement statement = connection.prepareStatement("SELECT * FROM users WHERE name = ?");\n        statement.setString(1, name);\n        return statement.executeQuery();\n',
    ),
)
V("java-md5", "ok", "another hash", ('"MD5"', '"SHA-256"'))
V(
    "java-random",
    "ok",
    "a secure one",
    ("import java.util.Random;", "import java.security.SecureRandom;"),
    ("new Random()", "new SecureRandom()"),
)
V(
    "java-exec",
    "ok",
    "a list of arguments",
    ('Runtime.getRuntime().exec("ls " + folder)', 'new ProcessBuilder("ls", folder).start()'),
)
V(
    "java-md5",
    "suppression",
    "an annotation",
    ("    public byte[] hash", '    @SuppressWarnings("all")\n    public byte[] hash'),
    ('"MD5"', '"SHA-256"'),
)
V("java-md5", "syntax_error", "a quote lost", ('"MD5"', '"SHA-256'))
V("java-sql", "deletes_code", "no result", (STATEMENT, "        return null;\n"))
V(
    "java-random",
    "deletes_code",
    "a method gone",
    ("    public int token() {\n        return new Random().nextInt();\n    }\n\n", ""),
)
V(
    "java-sql",
    "deletes_code",
    "the check gone",
    (
        '        if (name == null) {\n            throw new IllegalArgumentException("name");\n        }\n',
        "",
    ),
    (
        STATEMENT,
        '        PreparedStatement statement = connection.prepareStatement("SELECT * FROM users WHERE name = ?");\n        statement.setString(1, name);\n        return statement.executeQuery();\n',
    ),
)
V(
    "java-sql",
    "still_fires",
    "String.format",
    (
        '"SELECT * FROM users WHERE name = \'" + name + "\'"',
        "String.format(\"SELECT * FROM users WHERE name = '%s'\", name)",
    ),
)
V("java-md5", "still_fires", "in pieces", ('"MD5"', '"M" + "D5"'))
V(
    "java-exec",
    "still_fires",
    "a variable",
    (
        '        return Runtime.getRuntime().exec("ls " + folder);',
        '        String command = "ls " + folder;\n        return Runtime.getRuntime().exec(command);',
    ),
)
V(
    "java-md5",
    "new_finding",
    "a weak number",
    ('getInstance("MD5")', 'getInstance("SHA-256" + new Random().nextInt())'),
)

GO = Table(
    language="go",
    path="cmd/main.go",
    text="""package main

import (
	"crypto/md5"
	"crypto/tls"
	"database/sql"
	"fmt"
	"os/exec"
)

func list(folder string) ([]byte, error) {
	if folder == "" {
		return nil, fmt.Errorf("no folder")
	}
	return exec.Command("sh", "-c", "ls "+folder).Output()
}

func find(db *sql.DB, name string) (*sql.Rows, error) {
	return db.Query(fmt.Sprintf("SELECT * FROM t WHERE name = '%s'", name))
}

func hash(data []byte) [16]byte {
	return md5.Sum(data)
}

func config() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
}
""",
    rules=[
        rule("go-shell", "go", 'exec.Command("sh", "-c", ...)'),
        rule("go-sql", "go", "$D.Query(fmt.Sprintf(...))"),
        rule("go-md5", "go", "md5.Sum(...)"),
        rule("go-tls", "go", "tls.Config{..., InsecureSkipVerify: true, ...}"),
    ],
)
G = GO.add
G("go-shell", "ok", "without a shell", ('"sh", "-c", "ls "+folder', '"ls", "--", folder'))
G(
    "go-sql",
    "ok",
    "a parameter",
    (
        "fmt.Sprintf(\"SELECT * FROM t WHERE name = '%s'\", name)",
        '"SELECT * FROM t WHERE name = ?", name',
    ),
)
G(
    "go-md5",
    "ok",
    "another hash",
    ('"crypto/md5"', '"crypto/sha256"'),
    ("[16]byte", "[32]byte"),
    ("md5.Sum(data)", "sha256.Sum256(data)"),
)
G("go-tls", "ok", "a field removed", ("InsecureSkipVerify: true, ", ""))
G(
    "go-shell",
    "suppression",
    "nolint",
    ('"sh", "-c", "ls "+folder).Output()', '"ls", folder).Output() //nolint:gosec'),
)
G(
    "go-tls",
    "syntax_error",
    "a brace lost",
    ("InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}", "MinVersion: tls.VersionTLS12"),
)
G(
    "go-shell",
    "deletes_code",
    "the check gone",
    ('\tif folder == "" {\n\t\treturn nil, fmt.Errorf("no folder")\n\t}\n', ""),
    ('"sh", "-c", "ls "+folder', '"ls", folder'),
)
G(
    "go-sql",
    "deletes_code",
    "nothing returned",
    (
        "return db.Query(fmt.Sprintf(\"SELECT * FROM t WHERE name = '%s'\", name))",
        "return nil, nil",
    ),
)
G(
    "go-sql",
    "still_fires",
    "plus signs",
    (
        "fmt.Sprintf(\"SELECT * FROM t WHERE name = '%s'\", name)",
        '"SELECT * FROM t WHERE name = \'" + name + "\'"',
    ),
)
G("go-shell", "still_fires", "in pieces", ('"sh", "-c"', '"s"+"h", "-c"'))
G(
    "go-md5",
    "new_finding",
    "a shell",
    ("\treturn md5.Sum(data)", '\t_ = exec.Command("sh", "-c", "id")\n\treturn sum(data)'),
)

RUBY = Table(
    language="ruby",
    path="app/models/user.rb",
    text="""require "digest"
require "yaml"

class Importer
  def find(name)
    return nil if name.nil?
    User.where("name = '#{name}'")
  end

  def list(folder)
    system("ls #{folder}")
  end

  def load(text)
    YAML.load(text)
  rescue Psych::SyntaxError
    nil
  end

  def calc(text)
    eval(text)
  end

  def hash(text)
    Digest::MD5.hexdigest(text)
  end
end
""",
    rules=[
        rule("rb-sql", "ruby", '$M.where("...#{...}...")'),
        rule("rb-system", "ruby", 'system("...#{...}...")'),
        rule("rb-yaml", "ruby", "YAML.load(...)"),
        rule("rb-eval", "ruby", "eval(...)"),
        rule("rb-md5", "ruby", "Digest::MD5.hexdigest(...)"),
    ],
)
R = RUBY.add
R("rb-sql", "ok", "a hash", ("where(\"name = '#{name}'\")", "where(name: name)"))
R("rb-system", "ok", "arguments", ('system("ls #{folder}")', 'system("ls", folder)'))
R("rb-yaml", "ok", "safe", ("YAML.load(", "YAML.safe_load("))
R("rb-eval", "ok", "a number", ("eval(text)", "Integer(text)"))
R("rb-md5", "ok", "another hash", ("Digest::MD5", "Digest::SHA256"))
R(
    "rb-eval",
    "suppression",
    "rubocop",
    ("eval(text)", "Integer(text) # rubocop:disable Security/Eval"),
)
R("rb-eval", "syntax_error", "an end lost", ("    eval(text)\n  end\n", "    Integer(text)\n"))
R("rb-eval", "deletes_code", "nil", ("eval(text)", "nil"))
R(
    "rb-yaml",
    "deletes_code",
    "the rescue gone",
    ("YAML.load(text)\n  rescue Psych::SyntaxError\n    nil\n", "YAML.safe_load(text)\n"),
)
R("rb-eval", "still_fires", "sent", ("eval(text)", "send(:eval, text)"))
R("rb-system", "still_fires", "plus signs", ('system("ls #{folder}")', 'system("ls " + folder)'))
R(
    "rb-md5",
    "new_finding",
    "an evaluation",
    ("Digest::MD5.hexdigest(text)", "Digest::SHA256.hexdigest(eval('1'))"),
)

PHP = Table(
    language="php",
    path="public/index.php",
    text="""<?php
require 'config.php';

function find($db, $name) {
    if (!$name) {
        return null;
    }
    return $db->query("SELECT * FROM users WHERE name = '" . $name . "'");
}

function listing($folder) {
    return shell_exec("ls " . $folder);
}

function restore($data) {
    return unserialize($data);
}

function greet() {
    echo $_GET['name'];
    return true;
}

function key_of($text) {
    return md5($text);
}
""",
    rules=[
        rule("php-sql", "php", '$D->query("..." . $X . "...")'),
        rule("php-shell", "php", ['shell_exec("..." . $_GET[...])', 'shell_exec("..." . $folder)']),
        rule("php-unserialize", "php", "unserialize(...)"),
        rule("php-echo", "php", "echo $_GET[...];"),
        rule("php-md5", "php", "md5(...)"),
    ],
)
H = PHP.add
H(
    "php-sql",
    "ok",
    "a prepared statement",
    (
        '    return $db->query("SELECT * FROM users WHERE name = \'" . $name . "\'");\n',
        '    $statement = $db->prepare("SELECT * FROM users WHERE name = ?");\n    $statement->execute([$name]);\n    return $statement;\n',
    ),
)
H("php-shell", "ok", "an escaped argument", ('"ls " . $folder', '"ls " . escapeshellarg($folder)'))
H("php-unserialize", "ok", "JSON", ("unserialize($data)", "json_decode($data, true)"))
H(
    "php-echo",
    "ok",
    "escaped output",
    ("echo $_GET['name'];", "echo htmlspecialchars($_GET['name'], ENT_QUOTES, 'UTF-8');"),
)
H("php-md5", "ok", "another hash", ("md5($text)", "hash('sha256', $text)"))
H(
    "php-md5",
    "suppression",
    "phpcs",
    ("return md5($text);", "return hash('sha256', $text); // phpcs:ignore"),
)
H(
    "php-md5",
    "syntax_error",
    "a brace lost",
    ("    return md5($text);\n}\n", "    return hash('sha256', $text);\n"),
)
H("php-echo", "deletes_code", "nothing shown", ("    echo $_GET['name'];\n", ""))
H("php-unserialize", "deletes_code", "null", ("unserialize($data)", "null"))
H(
    "php-unserialize",
    "still_fires",
    "by its name",
    ("return unserialize($data)", "$make = 'unserialize';\n    return $make($data)"),
)
H("php-shell", "still_fires", "a sister", ("shell_exec(", "passthru("))
H("php-md5", "new_finding", "unserialized", ("md5($text)", "hash('sha256', unserialize($text))"))

C = Table(
    language="c",
    path="src/copy.c",
    text="""#include <stdio.h>
#include <string.h>

int copy(char *source) {
    char target[64];
    if (source == NULL) {
        return -1;
    }
    strcpy(target, source);
    printf(target);
    return 0;
}

int ask(void) {
    char line[80];
    gets(line);
    return line[0];
}
""",
    rules=[
        rule("c-strcpy", "c", "strcpy(...)"),
        rule("c-printf", "c", "printf($X)"),
        rule("c-gets", "c", "gets(...)"),
    ],
)
K = C.add
K(
    "c-strcpy",
    "ok",
    "bounded",
    ("strcpy(target, source);", 'snprintf(target, sizeof(target), "%s", source);'),
)
K("c-printf", "ok", "a format", ("printf(target)", 'printf("%s", target)'))
K(
    "c-gets",
    "ok",
    "bounded",
    (
        "    gets(line);\n",
        "    if (fgets(line, sizeof(line), stdin) == NULL) {\n        return -1;\n    }\n",
    ),
)
K("c-gets", "suppression", "NOLINT", ("gets(line);", "fgets(line, sizeof(line), stdin); // NOLINT"))
K("c-gets", "syntax_error", "a bracket lost", ("gets(line);", "fgets(line, sizeof(line, stdin);"))
K(
    "c-strcpy",
    "deletes_code",
    "switched off",
    ("    strcpy(target, source);\n", "#if 0\n    strcpy(target, source);\n#endif\n"),
)
K("c-printf", "deletes_code", "removed", ("    printf(target);\n", ""))
K(
    "c-strcpy",
    "still_fires",
    "a pointer to it",
    (
        "    strcpy(target, source);\n",
        "    char *(*copier)(char *, const char *) = strcpy;\n    copier(target, source);\n",
    ),
)
K(
    "c-gets",
    "new_finding",
    "a copy",
    ("    gets(line);\n", '    strcpy(line, "x");\n    fgets(line, sizeof(line), stdin);\n'),
)

CSHARP = Table(
    language="csharp",
    path="Users.cs",
    text="""using System.Data.SqlClient;
using System.Security.Cryptography;

public class Users
{
    public object Find(SqlConnection connection, string name)
    {
        if (name == null)
        {
            return null;
        }
        var command = new SqlCommand("SELECT * FROM u WHERE name = '" + name + "'", connection);
        return command.ExecuteScalar();
    }

    public byte[] Hash(byte[] data)
    {
        return MD5.Create().ComputeHash(data);
    }
}
""",
    rules=[
        rule("cs-sql", "csharp", 'new SqlCommand("..." + ..., ...)'),
        rule("cs-md5", "csharp", "MD5.Create()"),
    ],
)
S = CSHARP.add
S(
    "cs-sql",
    "ok",
    "a parameter",
    (
        '"SELECT * FROM u WHERE name = \'" + name + "\'", connection);\n',
        '"SELECT * FROM u WHERE name = @name", connection);\n        command.Parameters.AddWithValue("@name", name);\n',
    ),
)
S("cs-md5", "ok", "another hash", ("MD5.Create()", "SHA256.Create()"))
S(
    "cs-md5",
    "suppression",
    "a pragma",
    ("        return MD5.", "#pragma warning disable CA5351\n        return SHA256."),
)
S(
    "cs-md5",
    "syntax_error",
    "a brace lost",
    ("ComputeHash(data);\n    }\n", "ComputeHash(data);\n"),
    ("MD5.", "SHA256."),
)
S(
    "cs-sql",
    "deletes_code",
    "the check gone",
    ("        if (name == null)\n        {\n            return null;\n        }\n", ""),
    (
        '"SELECT * FROM u WHERE name = \'" + name + "\'", connection);\n',
        '"SELECT * FROM u WHERE name = @name", connection);\n        command.Parameters.AddWithValue("@name", name);\n',
    ),
)
S(
    "cs-sql",
    "still_fires",
    "interpolated",
    (
        '"SELECT * FROM u WHERE name = \'" + name + "\'"',
        "$\"SELECT * FROM u WHERE name = '{name}'\"",
    ),
)

KOTLIN = Table(
    language="kotlin",
    path="Store.kt",
    text="""package acme

import java.security.MessageDigest

class Store(private val db: Database) {
    fun find(name: String): Cursor? {
        if (name.isEmpty()) {
            return null
        }
        return db.rawQuery("SELECT * FROM t WHERE name = '" + name + "'", null)
    }

    fun hash(data: ByteArray): ByteArray {
        return MessageDigest.getInstance("MD5").digest(data)
    }
}
""",
    rules=[
        rule("kt-sql", "kotlin", '$D.rawQuery("..." + ..., ...)'),
        rule("kt-md5", "kotlin", 'MessageDigest.getInstance("MD5")'),
    ],
)
N = KOTLIN.add
N(
    "kt-sql",
    "ok",
    "a parameter",
    (
        '"SELECT * FROM t WHERE name = \'" + name + "\'", null',
        '"SELECT * FROM t WHERE name = ?", arrayOf(name)',
    ),
)
N("kt-md5", "ok", "another hash", ('"MD5"', '"SHA-256"'))
N(
    "kt-md5",
    "suppression",
    "an annotation",
    ("    fun hash", '    @Suppress("WeakHash")\n    fun hash'),
    ('"MD5"', '"SHA-256"'),
)
N(
    "kt-md5",
    "syntax_error",
    "a bracket lost",
    ('getInstance("MD5").digest(data)', 'getInstance("SHA-256".digest(data)'),
)
N(
    "kt-sql",
    "deletes_code",
    "null",
    ('return db.rawQuery("SELECT * FROM t WHERE name = \'" + name + "\'", null)', "return null"),
)
N("kt-md5", "still_fires", "in pieces", ('"MD5"', '"M" + "D5"'))

TABLES = (PYTHON, JAVASCRIPT, TYPESCRIPT, JAVA, GO, RUBY, PHP, C, CSHARP, KOTLIN)
CASES = [(table, case) for table in TABLES for case in table.cases]


def patched(table, case):
    text = table.text
    for search, replace in case.edits:
        assert text.count(search) == 1, (case.name, search, text.count(search))
        text = text.replace(search, replace)
    return text
