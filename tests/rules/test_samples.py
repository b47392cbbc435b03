"""Samples as test code, and what the editor begins with when somebody comes from a finding."""

from rules.definitions import check_definition
from rules.languages import LANGUAGES, are_same, file_name_of, language_of
from rules.prefills import more_like_this, not_here
from rules.samples import build_test, join_code
from rules.starters import STARTERS
from rules.texts import read_one_rule


def a_test(**changes):
    whole = {
        "language": "python",
        "rule_id": "no-eval",
        "bad_code": "def f(a):\r\n    eval(a)\r\n",
        "bad_lines": [2],
        "good_code": "\nprint(a)\n",
        **changes,
    }
    return build_test(**whole)


def test_samples_become_test_code_with_their_comments():
    assert a_test() == (
        "def f(a):\n    # ruleid: no-eval\n    eval(a)\n\n# ok: no-eval\nprint(a)\n"
    )


def test_lines_that_are_not_there_leave_the_first_line_marked():
    assert a_test(bad_code="eval(a)", bad_lines=[7], good_code="") == "# ruleid: no-eval\neval(a)\n"


def test_samples_with_comments_of_their_own_keep_them():
    bad = "# ruleid: mine\neval(a)\n# ok: mine\nprint()\n"

    assert a_test(bad_code=bad, good_code="") == bad.replace("mine", "no-eval")


def test_comments_are_those_of_the_language():
    assert a_test(language="html", bad_code="<a>", good_code="").startswith(
        "<!-- ruleid: no-eval -->"
    )
    assert a_test(language="go", bad_code="f()", good_code="").startswith("// ruleid: no-eval\n")


def test_what_begins_a_file_stands_there_once():
    go = "package main\n\nfunc f() {}\n"

    assert join_code(go, "package other\nfunc g() {}") == f"{go}\nfunc g() {{}}\n"
    assert a_test(language="php", bad_code="<?php\neval($a);", good_code="<?php\nf();") == (
        "<?php\n// ruleid: no-eval\neval($a);\n\n// ok: no-eval\nf();\n"
    )

    assert a_test(language="php", bad_code="f();", good_code="").startswith("<?php\n// ruleid")


def test_languages_are_known_by_their_files():
    assert (language_of("a/b.tsx"), language_of("Dockerfile"), language_of("x.unknown")) == (
        "typescript",
        "dockerfile",
        "generic",
    )
    assert are_same("JS", "javascript")
    assert not are_same("java", "javascript")
    assert (file_name_of(["python"]), file_name_of(["docker"])) == ("test.py", "Dockerfile")
    assert {"python", "go", "generic"} <= set(LANGUAGES)


def test_a_rule_that_shall_not_fire_here_has_the_code_as_a_test():
    starter = STARTERS["search"]

    prefill = not_here(
        text=starter.text,
        test_code=starter.test_code,
        path="shop/cache.py",
        code="    def key(name):\n        return hashlib.md5(name)\n",
        matched_lines=[2],
    )

    assert prefill.text == starter.text
    assert prefill.test_code == starter.test_code + (
        "\ndef key(name):\n    # ok: weak-hash-md5\n    return hashlib.md5(name)\n"
    )


def test_more_like_this_begins_with_the_code_as_pattern_and_test():
    prefill = more_like_this(
        rule_id="acme.no-eval",
        path="shop/cache.py",
        code="  a = 1\n  b = eval(a) # {{: \n  c = 2\n",
        matched_lines=[2],
    )

    rule = read_one_rule(prefill.text)
    assert check_definition(rule)["id"] == "more-like-no-eval"
    assert (rule["languages"], rule["pattern"]) == (["python"], "b = eval(a) # {{:")
    assert prefill.test_code == ("a = 1\n# ruleid: more-like-no-eval\nb = eval(a) # {{: \nc = 2\n")
