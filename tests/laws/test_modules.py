"""What every module keeps that ruff, mypy and import-linter do not look at."""

import ast
import re

from tests.laws.tree import ROOT, files, matches, python_of_the_product, read

LONGEST_MODULE = 300
# The tables of an app stand on one page, however many they are.
# In pieces, so that this file does not find itself.
PLAN_WORDS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")


def test_no_module_is_longer_than_a_reader_can_hold():
    lengths = {str(path): len(read(path).splitlines()) for path in python_of_the_product()}

    too_long = {path: length for path, length in lengths.items() if length > LONGEST_MODULE}
    assert too_long == {}


def test_every_module_opens_with_a_sentence():
    silent = [
        str(path)
        for path in files(".py")
        if "migrations" not in path.parts
        and read(path).strip()
        and not (ast.get_docstring(ast.parse(read(path))) or "")
        .partition("\n\n")[0]
        .endswith((".", "?"))
    ]
    assert silent == []


def test_no_module_is_a_drawer_for_odds_and_ends():
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}

    assert [str(path) for path in files(".py") if path.stem in drawers] == []
    assert [str(path) for path in files(".py") if drawers & set(path.parts)] == []


def test_plans_are_issues_and_not_comments():
    paths = files(".py", ".html", ".css", ".js", ".yml", ".yaml", ".toml", ".in")

    assert matches(PLAN_WORDS, paths) == []


def test_an_exception_to_the_checks_names_its_code():
    bare = re.compile(r"#\s*(noqa(?!:)|type:\s*ignore(?!\[))")

    assert matches(bare, [path for path in files(".py") if path.parts[0] != "tests"]) == []


def test_no_test_patches_what_is_ours():
    patching = re.compile(r"^\s*(from unittest(\.mock)? import|import unittest|from mock import)")

    assert matches(patching, [path for path in files(".py") if path.parts[0] == "tests"]) == []


def test_no_file_names_this_machine_or_a_package_registry():
    names = [
        "/wo" + "rk/",
        "/ro" + "ot/",
        "pypi" + ".org",
        "python" + "hosted.org",
        "npm" + "js.org",
    ]
    pattern = re.compile("|".join(re.escape(name) for name in names))
    paths = files(".py", ".md", ".txt", ".in", ".toml", ".yml", ".yaml", ".json", ".sh", ".html")

    assert matches(pattern, paths) == []


def test_the_floors_have_no_exception():
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text()
