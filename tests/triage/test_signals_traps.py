"""Code that looks harmless to a careless reader, and is not: never a false positive."""

# ruff: noqa: E501, ISC004 the code under examination stands as it is

import pytest

from findings.models import Conclusion
from tests.triage.builders import a_context
from triage.components import tag_of
from triage.decisions import decide
from triage.offline import judge_by_thumb
from triage.signals import find_signs

# name: (path, CWE, matched text, code)
TRAPS = {
    "the match is a value on its way": (
        "a.py",
        "CWE-601",
        'request.args.get("next")',
        'def f():\n    return redirect(request.args.get("next"))\n',
    ),
    "the match is a call that reads from elsewhere": (
        "a.py",
        "CWE-78",
        'read_from_queue("jobs")',
        'import os\ndef f():\n    os.system(read_from_queue("jobs"))\n',
    ),
    "a call inside a concatenation": (
        "a.py",
        "CWE-89",
        '"SELECT " + read_from_queue("jobs")',
        'def f(c):\n    c.execute("SELECT " + read_from_queue("jobs"))\n',
    ),
    "a look-up in the environment": (
        "a.py",
        "CWE-78",
        'os.system(os.environ.get("COMMAND"))',
        'import os\ndef f():\n    os.system(os.environ.get("COMMAND"))\n',
    ),
    "an imported function with a common name": (
        "a.py",
        "CWE-78",
        'os.system(get("command"))',
        'import os\nfrom settings import get\ndef f():\n    os.system(get("command"))\n',
    ),
    "the variable of a comprehension": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\ndef f(request):\n    name = request.args["n"]\n'
        '    names = [name for name in ["a", "b"]]\n    os.system(name)\n',
    ),
    "a loop that may not run": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\ndef f(request):\n    name = request.args["n"]\n'
        "    for name in []:\n        pass\n    os.system(name)\n",
    ),
    "an assignment in half of a condition": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\ndef f(request, short):\n    name = request.args["n"]\n'
        '    if short and (name := "ls"):\n        pass\n    os.system(name)\n',
    ),
    "a handler that swallows the assignment": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\ndef f(request):\n    name = request.args["n"]\n    try:\n        check()\n'
        '        name = "ls"\n    except ValueError:\n        pass\n    os.system(name)\n',
    ),
    "a variable of an inner block": (
        "a.js",
        "CWE-78",
        "exec(command)",
        "function f(req) {\n  let command = req.query.c;\n  {\n    let command = 'ls';\n  }\n"
        "  exec(command);\n}\n",
    ),
    "a variable changed in a callback": (
        "a.js",
        "CWE-78",
        "exec(command)",
        "function f(req) {\n  let command = 'ls';\n  req.on('data', (chunk) => { command = chunk; });\n"
        "  exec(command);\n}\n",
    ),
    "an object of their own called html": (
        "a.py",
        "CWE-79",
        "make_response(html.escape(name))",
        'def f(request, html):\n    name = request.args["n"]\n'
        "    return make_response(html.escape(name))\n",
    ),
    "another escape": (
        "a.js",
        "CWE-79",
        "res.send(escape(req.query.name))",
        "const lodash = require('lodash');\nfunction f(req, res) { res.send(escape(req.query.name)); }\n",
    ),
    "escaped, into a script": (
        "a.py",
        "CWE-79",
        'make_response("<script>go(" + html.escape(name) + ")</script>")',
        'import html\ndef f(request):\n    name = request.args["n"]\n'
        '    return make_response("<script>go(" + html.escape(name) + ")</script>")\n',
    ),
    "a check before a loop that changes the value": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\ndef f(name, queue):\n    if name not in ["a"]:\n        return\n'
        "    while True:\n        os.system(name)\n        name = queue.get()\n",
    ),
    "a check in a try whose error is swallowed": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\ndef f(name):\n    try:\n        if name not in ["a"]:\n            raise ValueError\n'
        "    except ValueError:\n        print(name)\n    os.system(name)\n",
    ),
    "an allow-list that grows": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\nNAMES = ["a"]\ndef learn(request):\n    NAMES.append(request.args["n"])\n'
        "def f(name):\n    if name not in NAMES:\n        return\n    os.system(name)\n",
    ),
    "an allow-list from elsewhere": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        "import os\nfrom settings import NAMES\ndef f(name):\n    if name not in NAMES:\n"
        "        return\n    os.system(name)\n",
    ),
    "an assertion is no check": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\ndef f(name):\n    assert name in ["a"]\n    os.system(name)\n',
    ),
    "a pattern with an open end": (
        "a.js",
        "CWE-78",
        "exec(name)",
        "function f(name) {\n  if (!/^[a-z]+/.test(name)) { return; }\n  exec(name);\n}\n",
    ),
    "a pattern over lines": (
        "a.js",
        "CWE-78",
        "exec(name)",
        "function f(name) {\n  if (!/^[a-z]+$/m.test(name)) { return; }\n  exec(name);\n}\n",
    ),
    "a pattern with another way": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os, re\ndef f(name):\n    if not re.fullmatch("[a-z]+|.*", name):\n        return\n'
        "    os.system(name)\n",
    ),
    "a prefix of a folder's name": (
        "a.py",
        "CWE-22",
        "open(path)",
        'import os\ndef f(name):\n    path = os.path.realpath(os.path.join("/data", name))\n'
        '    if not path.startswith("/data"):\n        raise ValueError\n    open(path)\n',
    ),
    "a folder's path joined after it was settled": (
        "a.py",
        "CWE-22",
        "open(path)",
        'import os\ndef f(name):\n    path = os.path.join(os.path.abspath("/data"), name)\n'
        '    if not path.startswith("/data/"):\n        raise ValueError\n    open(path)\n',
    ),
    "a base name that is removed with all below it": (
        "a.py",
        "CWE-22",
        'shutil.rmtree("/data/" + os.path.basename(name))',
        'import os, shutil\ndef f(name):\n    shutil.rmtree("/data/" + os.path.basename(name))\n',
    ),
    "a program that runs its arguments": (
        "a.py",
        "CWE-78",
        'subprocess.run(["/usr/bin/env", "--", name])',
        'import subprocess\ndef f(name):\n    subprocess.run(["/usr/bin/env", "--", name])\n',
    ),
    "an argument that may be an option": (
        "a.py",
        "CWE-78",
        'subprocess.run(["wc", name])',
        'import subprocess\ndef f(name):\n    subprocess.run(["wc", name])\n',
    ),
    "a list for a shell": (
        "a.py",
        "CWE-78",
        'subprocess.run(["wc", "--", name], shell=flag)',
        'import subprocess\ndef f(name, flag):\n    subprocess.run(["wc", "--", name], shell=flag)\n',
    ),
    "options that are spread": (
        "a.js",
        "CWE-78",
        'spawn("wc", ["--", name], {...options})',
        'function f(name, options) { spawn("wc", ["--", name], {...options}); }\n',
    ),
    "one branch of three": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\ndef f(name, x):\n    if x == 1:\n        name = "a"\n    elif x == 2:\n'
        '        print(x)\n    else:\n        name = "b"\n    os.system(name)\n',
    ),
    "no last branch": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        'import os\ndef f(name, x):\n    if x == 1:\n        name = "a"\n    elif x == 2:\n'
        '        name = "b"\n    os.system(name)\n',
    ),
    "a function with two bodies": (
        "A.java",
        "CWE-78",
        "runtime.exec(name(x))",
        'class A {\n  private String name(int a) { return "ls"; }\n'
        "  private String name(String a) { return a; }\n"
        "  void f(String x) { runtime.exec(name(x)); }\n}\n",
    ),
    "a function that hands back its argument": (
        "a.py",
        "CWE-78",
        "os.system(clean(name))",
        "import os\ndef clean(text):\n    return text\ndef f(name):\n    os.system(clean(name))\n",
    ),
    "broken code": (
        "A.java",
        "CWE-78",
        "runtime.exec(data)",
        'else\n{\n  data = "ls";\n}\nruntime.exec(data);\n',
    ),
    "a piece that begins inside a block": (
        "a.py",
        "CWE-78",
        "os.system(data)",
        '        data = "ls"\n    os.system(data)\n',
    ),
    "a number is no safe address": (
        "a.py",
        "CWE-918",
        'requests.get("http://" + str(int(host)))',
        'import requests\ndef f(host):\n    requests.get("http://" + str(int(host)))\n',
    ),
    "two weaknesses at once": (
        "a.py",
        "CWE-0",
        "os.system(name)",
        'import os\ndef f():\n    name = "ls"\n    os.system(name)\n',
    ),
    "a test is not safe by its path": (
        "tests/test_a.py",
        "CWE-78",
        "os.system(name)",
        "import os\ndef f(name):\n    os.system(name)\n",
    ),
    "a comment that says so": (
        "a.py",
        "CWE-78",
        "os.system(name)",
        "import os\ndef f(name):\n    # name is one of a closed list\n    os.system(name)\n",
    ),
    "very deep code": (
        "a.py",
        "CWE-95",
        "eval(x)",
        f"def f(y):\n    x = {'(' * 300}y{')' * 300}\n    eval(x)\n",
    ),
    "a very long chain": (
        "a.py",
        "CWE-95",
        "eval(x400)",
        "def f(y):\n    x0 = y\n"
        + "".join(f"    x{n + 1} = x{n} + x{n}\n" for n in range(400))
        + "    eval(x400)\n",
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_not_walked_into(name):
    path, cwe, sink, code = TRAPS[name]
    context = a_context(code, sink=sink, path=path, cwe=cwe)
    signs = find_signs(context)
    answer = judge_by_thumb(context, signs=signs, component=tag_of(context.source))

    decision = decide(answer, context=context, signs=signs, is_offline=True)

    assert answer.verdict != Conclusion.FALSE_POSITIVE
    assert decision.conclusion != Conclusion.FALSE_POSITIVE
