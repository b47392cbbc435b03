"""Rules of thumb, each with a safe piece of code and an unsafe twin."""

import pytest

from findings.models import Conclusion
from tests.triage.builders import a_context
from triage.components import tag_of
from triage.decisions import decide
from triage.offline import judge_by_thumb
from triage.signals import find_signs


def judged(text, *, sink, **question):
    context = a_context(text, sink=sink, **question)
    signs = find_signs(context)
    answer = judge_by_thumb(context, signs=signs, component=tag_of(context.source))
    return decide(answer, context=context, signs=signs, is_offline=True).conclusion


# name: (path, CWE, sink, safe code, unsafe twin, what the twin must be called)
TWINS = {
    "constant variable": (
        "a.py",
        "CWE-78",
        "os.system(command)",
        """
import os
def view(request):
    command = "ls -l " + FOLDER
    os.system(command)
FOLDER = "/srv"
""",
        """
import os
def view(request):
    command = "ls -l " + request.GET["folder"]
    os.system(command)
FOLDER = "/srv"
""",
        "true_positive",
    ),
    "constant on each branch": (
        "a.py",
        "CWE-78",
        "os.system(command)",
        """
import os
def view(request):
    if request.GET["long"]:
        command = "ls -l"
    else:
        command = "ls"
    os.system(command)
""",
        """
import os
def view(request):
    if request.GET["long"]:
        command = "ls -l"
    else:
        command = request.GET["command"]
    os.system(command)
""",
        None,
    ),
    "a branch without a value": (
        "a.py",
        "CWE-78",
        "os.system(command)",
        """
import os
def view(long):
    command = "ls"
    if long:
        command = "ls -l"
    os.system(command)
""",
        """
import os
def view(long, command):
    if long:
        command = "ls -l"
    os.system(command)
""",
        "needs_review",
    ),
    "changed in a loop": (
        "a.py",
        "CWE-89",
        "cursor.execute(query)",
        """
def view(cursor, names):
    query = "SELECT 1"
    for name in names:
        cursor.execute(query)
""",
        """
def view(cursor, names):
    query = "SELECT 1"
    for name in names:
        cursor.execute(query)
        query = "SELECT " + name
""",
        "needs_review",
    ),
    "changed by a nested function": (
        "a.py",
        "CWE-95",
        "eval(code)",
        """
def view(request):
    code = "1 + 1"
    return eval(code)
""",
        """
def view(request):
    code = "1 + 1"
    def change():
        nonlocal code
        code = request.args["code"]
    change()
    return eval(code)
""",
        None,
    ),
    "changed global": (
        "a.py",
        "CWE-95",
        "eval(CODE)",
        """
CODE = "1 + 1"
def view(request):
    return eval(CODE)
""",
        """
CODE = "1 + 1"
def set_code(request):
    global CODE
    CODE = request.args["code"]
def view(request):
    return eval(CODE)
""",
        None,
    ),
    "filled list": (
        "a.py",
        "CWE-78",
        'subprocess.run(" ".join(words), shell=True)',
        """
import subprocess
def view(request):
    words = ["ls"]
    words.append("-l")
    subprocess.run(" ".join(words), shell=True)
""",
        """
import subprocess
def view(request):
    words = ["ls"]
    words.append(request.args["folder"])
    subprocess.run(" ".join(words), shell=True)
""",
        "true_positive",
    ),
    "list handed away": (
        "a.py",
        "CWE-78",
        'subprocess.run(" ".join(words), shell=True)',
        """
import subprocess
def view(request):
    words = ["ls"]
    print(len(words))
    subprocess.run(" ".join(words), shell=True)
""",
        """
import subprocess
def view(request):
    words = ["ls"]
    fill(words, request)
    subprocess.run(" ".join(words), shell=True)
""",
        "needs_review",
    ),
    "dead branch": (
        "a.py",
        "CWE-95",
        "eval(code)",
        """
def view(code):
    if False:
        return eval(code)
""",
        """
def view(code):
    if True:
        return eval(code)
""",
        "needs_review",
    ),
    "a flag that others may set": (
        "a.java",
        "CWE-78",
        "runtime.exec(command)",
        """
class A {
    private static final boolean DEBUG = false;
    void f(String command) { if (DEBUG) { runtime.exec(command); } }
}
""",
        """
class A {
    static boolean DEBUG = false;
    void f(String command) { if (DEBUG) { runtime.exec(command); } }
}
""",
        "needs_review",
    ),
    "a parameter of the flag's name": (
        "a.js",
        "CWE-95",
        "eval(code)",
        """
const debug = false;
function run(code) { if (debug) { eval(code); } }
""",
        """
const debug = false;
function run(code, debug) { if (debug) { eval(code); } }
""",
        "needs_review",
    ),
    "number in Python": (
        "a.py",
        "CWE-89",
        'cursor.execute(f"SELECT * FROM t WHERE id = {number}")',
        """
def view(request, cursor):
    number = int(request.args["id"])
    cursor.execute(f"SELECT * FROM t WHERE id = {number}")
""",
        """
def view(request, cursor):
    number = request.args["id"]
    cursor.execute(f"SELECT * FROM t WHERE id = {number}")
""",
        "true_positive",
    ),
    "a number function of their own": (
        "a.py",
        "CWE-89",
        'cursor.execute("SELECT " + number)',
        """
def view(request, cursor):
    number = str(int(request.args["id"]))
    cursor.execute("SELECT " + number)
""",
        """
def int(text):
    return text
def view(request, cursor):
    number = str(int(request.args["id"]))
    cursor.execute("SELECT " + number)
""",
        "true_positive",
    ),
    "bound parameters": (
        "a.py",
        "CWE-89",
        'cursor.execute(query, (request.args["id"],))',
        """
def view(request, cursor):
    query = "SELECT * FROM t WHERE id = %s"
    cursor.execute(query, (request.args["id"],))
""",
        """
def view(request, cursor):
    query = "SELECT * FROM t WHERE id = %s AND n = " + request.args["n"]
    cursor.execute(query, (request.args["id"],))
""",
        "true_positive",
    ),
    "quoted for the shell": (
        "a.py",
        "CWE-78",
        "os.system(command)",
        """
import os
from shlex import quote
def view(request):
    command = "ls " + quote(request.args["folder"])
    os.system(command)
""",
        """
import os
from urllib.parse import quote
def view(request):
    command = "ls " + quote(request.args["folder"])
    os.system(command)
""",
        "needs_review",
    ),
    "allow-list with an early return": (
        "a.py",
        "CWE-78",
        'os.system("service restart " + name)',
        """
import os
NAMES = {"web", "mail"}
def view(request):
    name = request.args["name"]
    if name not in NAMES:
        return "no"
    os.system("service restart " + name)
""",
        """
import os
NAMES = {"web", "mail"}
def view(request):
    name = request.args["name"]
    if name not in NAMES:
        print("no")
    os.system("service restart " + name)
""",
        "true_positive",
    ),
    "allow-list of the right variable": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        """
import os
def view(request):
    name = request.args["name"]
    if name in ("web", "mail"):
        os.system(name)
""",
        """
import os
def view(request):
    name = request.args["name"]
    other = request.args["other"]
    if other in ("web", "mail"):
        os.system(name)
""",
        None,
    ),
    "allow-list, then changed": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        """
import os
def view(request):
    name = request.args["name"]
    if name not in ["web", "mail"]:
        raise ValueError
    os.system(name)
""",
        """
import os
def view(request):
    name = request.args["name"]
    if name not in ["web", "mail"]:
        raise ValueError
    name = request.args["again"]
    os.system(name)
""",
        None,
    ),
    "a part of a text is no allow-list": (
        "a.py",
        "CWE-95",
        "eval(name)",
        """
def view(request):
    name = request.args["name"]
    if name not in ["web", "mail"]:
        raise ValueError
    eval(name)
""",
        """
def view(request):
    name = request.args["name"]
    if name not in "web mail":
        raise ValueError
    eval(name)
""",
        "needs_review",
    ),
    "or opens the check": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        """
import os
def view(request, force):
    name = request.args["name"]
    if force and name in ["web"]:
        os.system(name)
""",
        """
import os
def view(request, force):
    name = request.args["name"]
    if force or name in ["web"]:
        os.system(name)
""",
        "needs_review",
    ),
    "pattern over the whole value": (
        "a.py",
        "CWE-22",
        'open("/srv/" + name)',
        r"""
import re
def view(request):
    name = request.args["name"]
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise ValueError
    open("/srv/" + name)
""",
        r"""
import re
def view(request):
    name = request.args["name"]
    if not re.match(r"[a-z0-9_]+", name):
        raise ValueError
    open("/srv/" + name)
""",
        "needs_review",
    ),
    "path inside a folder": (
        "a.py",
        "CWE-22",
        "open(path)",
        """
from pathlib import Path
ROOT = Path("/srv")
def view(request):
    path = (ROOT / request.args["name"]).resolve()
    if not path.is_relative_to(ROOT):
        raise ValueError
    open(path)
""",
        """
from pathlib import Path
ROOT = Path("/srv")
def view(request):
    path = ROOT / request.args["name"]
    if not path.is_relative_to(ROOT):
        raise ValueError
    open(path)
""",
        "needs_review",
    ),
    "safe loader": (
        "a.py",
        "CWE-502",
        "yaml.load(text, Loader=yaml.{}Loader)",
        """
import yaml
def view(text):
    return yaml.load(text, Loader=yaml.SafeLoader)
""",
        """
import yaml
def view(text):
    return yaml.load(text, Loader=yaml.UnsafeLoader)
""",
        "needs_review",
    ),
    "program without a shell": (
        "a.py",
        "CWE-78",
        "subprocess.run([",
        """
import subprocess
def view(request):
    subprocess.run(["wc", "-l", "--", request.args["name"]])
""",
        """
import subprocess
def view(request):
    subprocess.run(["sh", "-c", "--", request.args["name"]])
""",
        "true_positive",
    ),
    "escaped for a page": (
        "a.py",
        "CWE-79",
        'make_response("<p>" + name)',
        """
import html
def view(request):
    name = html.escape(request.args["name"])
    return make_response("<p>" + name)
""",
        """
import html
def view(request):
    name = html.unescape(request.args["name"])
    return make_response("<p>" + name)
""",
        "true_positive",
    ),
    "hash that serves no security": (
        "a.py",
        "CWE-327",
        "hashlib.md5(",
        """
import hashlib
def digest(body):
    return hashlib.md5(body, usedforsecurity=False)
""",
        """
import hashlib
def digest(password):
    return hashlib.md5(password)
""",
        "true_positive",
    ),
    "table in JavaScript": (
        "a.js",
        "CWE-89",
        "db.query(sql)",
        """
const COLUMNS = { name: "name", age: "age" };
app.get("/", (req, res) => {
  const column = COLUMNS[req.query.sort];
  const sql = `SELECT * FROM t ORDER BY ${column}`;
  db.query(sql);
});
""",
        """
const COLUMNS = { name: "name", age: "age" };
app.get("/", (req, res) => {
  const column = COLUMNS[req.query.sort] || req.query.sort;
  const sql = `SELECT * FROM t ORDER BY ${column}`;
  db.query(sql);
});
""",
        "true_positive",
    ),
    "allow-list in JavaScript": (
        "a.ts",
        "CWE-78",
        "exec(`git log ${branch}`)",
        """
const BRANCHES = ["main", "dev"];
function show(req: Request, res: Response) {
  const branch = req.query.branch;
  if (!BRANCHES.includes(branch)) {
    return res.status(400).end();
  }
  exec(`git log ${branch}`);
}
""",
        """
const BRANCHES = ["main", "dev"];
function show(req: Request, res: Response) {
  const branch = req.query.branch;
  if (!BRANCHES.includes(branch)) {
    res.status(400);
  }
  exec(`git log ${branch}`);
}
""",
        "true_positive",
    ),
    "number in JavaScript": (
        "a.js",
        "CWE-89",
        "db.query(`SELECT ${id}`)",
        """
function show(req) {
  const id = Number(req.params.id);
  db.query(`SELECT ${id}`);
}
""",
        """
function show(req) {
  const id = req.params.id;
  db.query(`SELECT ${id}`);
}
""",
        "true_positive",
    ),
    "bound parameters in JavaScript": (
        "a.js",
        "CWE-89",
        'db.query("SELECT * FROM t WHERE id = ?"',
        """
function show(req) {
  db.query("SELECT * FROM t WHERE id = ?", [req.params.id], (error) => done(error));
}
""",
        """
function show(req) {
  db.query("SELECT * FROM t WHERE id = ?" + req.params.id, [], (error) => done(error));
}
""",
        "true_positive",
    ),
    "prepared statement in Java": (
        "A.java",
        "CWE-89",
        "connection.prepareStatement(sql)",
        """
class A {
    void show(HttpServletRequest request) {
        String sql = "SELECT * FROM t WHERE id = ?";
        connection.prepareStatement(sql).setString(1, request.getParameter("id"));
    }
}
""",
        """
class A {
    void show(HttpServletRequest request) {
        String sql = "SELECT * FROM t WHERE id = " + request.getParameter("id");
        connection.prepareStatement(sql).setString(1, request.getParameter("id"));
    }
}
""",
        "true_positive",
    ),
    "number in Java": (
        "A.java",
        "CWE-89",
        'statement.executeQuery("SELECT " + id)',
        """
class A {
    void show(HttpServletRequest request) {
        int id = Integer.parseInt(request.getParameter("id"));
        statement.executeQuery("SELECT " + id);
    }
}
""",
        """
class A {
    void show(HttpServletRequest request) {
        String id = request.getParameter("id");
        statement.executeQuery("SELECT " + id);
    }
}
""",
        "true_positive",
    ),
    "bound parameters in Go": (
        "a.go",
        "CWE-89",
        "db.QueryContext(ctx, query, name)",
        """
package a
func show(ctx context.Context, r *http.Request) {
	name := r.FormValue("name")
	query := "SELECT * FROM t WHERE name = $1"
	db.QueryContext(ctx, query, name)
}
""",
        """
package a
func show(ctx context.Context, r *http.Request) {
	name := r.FormValue("name")
	query := "SELECT * FROM t WHERE name = " + name
	db.QueryContext(ctx, query, name)
}
""",
        "true_positive",
    ),
    "program in Go": (
        "a.go",
        "CWE-78",
        "exec.Command(",
        """
package a
func show(r *http.Request) {
	exec.Command("wc", "-l", "--", r.FormValue("name"))
}
""",
        """
package a
func show(r *http.Request) {
	exec.Command("bash", "-c", r.FormValue("name"))
}
""",
        "true_positive",
    ),
}


def _whole(text, sink):
    """Return the call that begins with `sink`; a sink may be given by its beginning."""
    if "{}" in sink:
        sink = sink.format("Safe" if "SafeLoader" in text else "Unsafe")
    start = text.index(sink)
    depth, end = 0, start
    for end in range(start, len(text)):
        depth += (text[end] in "([{") - (text[end] in ")]}")
        if depth == 0 and text[end] in ")]}":
            break
    return text[start : end + 1]


@pytest.mark.parametrize("name", TWINS)
def test_the_safe_one_of_two_is_a_false_positive(name):
    path, cwe, sink, safe, _unsafe, _conclusion = TWINS[name]

    assert judged(safe, sink=_whole(safe, sink), path=path, cwe=cwe) == Conclusion.FALSE_POSITIVE


@pytest.mark.parametrize("name", TWINS)
def test_the_unsafe_twin_is_never_a_false_positive(name):
    path, cwe, sink, _safe, unsafe, conclusion = TWINS[name]

    concluded = judged(unsafe, sink=_whole(unsafe, sink), path=path, cwe=cwe)

    assert concluded != Conclusion.FALSE_POSITIVE
    assert conclusion in {None, concluded}
