"""The rule pack that we ship: valid, tested, and complete in what it says about itself."""

import ast
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from integrations.semgrep.runner import validate_rules

PACK = Path(__file__).resolve().parents[2] / "demo" / "rules"
FILES = sorted(PACK.glob("*/*.yml"))
RULES = {path: yaml.safe_load(path.read_text())["rules"][0] for path in FILES}
SAMPLES = {
    path: next(path.parent.glob(f"{path.stem}.[!yf]*")) for path in FILES
}  # NAME.yml and NAME.fixed.* stand beside it
LEVELS = {"LOW", "MEDIUM", "HIGH"}
NAMES = [f"{path.parent.name}/{path.stem}" for path in FILES]
WITH_FIX = [path for path, rule in RULES.items() if "fix" in rule or "fix-regex" in rule]
every_rule = pytest.mark.parametrize("path", FILES, ids=NAMES)
every_fix = pytest.mark.parametrize("path", WITH_FIX, ids=[path.stem for path in WITH_FIX])
ENVIRONMENT = {
    **os.environ,
    "SEMGREP_ENABLE_VERSION_CHECK": "0",
    "SEMGREP_SEND_METRICS": "off",
}


def fixed_sample(path):
    """The sample as the rule's fix makes it; the scanner's test command compares the two."""
    sample = SAMPLES[path]
    return sample.with_suffix(f".fixed{sample.suffix}")


@pytest.fixture(scope="module")
def outcome():
    """What the scanner's own test command says about the pack."""
    ended = subprocess.run(
        [settings.SEMGREP_PROGRAM, "test", "--json", str(PACK)],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def matches(tmp_path_factory):
    """What all rules of the pack find in the samples and in what fixes make of them.

    By side and rule file: (rule id, matched text, the text that the fix would put there).
    """
    folder = tmp_path_factory.mktemp("fixes")
    places = {}
    for path in WITH_FIX:
        for side, file in (("before", SAMPLES[path]), ("after", fixed_sample(path))):
            place = f"{side}-{path.parent.name}-{SAMPLES[path].name}"
            shutil.copy(file, folder / place)
            places[place] = (side, path)
    command = [
        *(settings.SEMGREP_PROGRAM, "scan", "--experimental", "--json", "--no-rewrite-rule-ids"),
        *("--metrics=off", "--disable-version-check", "--no-git-ignore"),
        *("--config", str(PACK), "."),
    ]
    ended = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    report = json.loads(ended.stdout)
    assert report["errors"] == []
    found = {place: [] for place in places.values()}
    for match in report["results"]:
        code = (folder / match["path"]).read_bytes()
        text = code[match["start"]["offset"] : match["end"]["offset"]].decode()
        found[places[match["path"]]].append((match["check_id"], text, match["extra"].get("fix")))
    return found


def test_the_pack_has_at_least_28_rules_in_three_languages():
    assert len(FILES) >= 28
    assert {path.parent.name for path in FILES} == {"python", "javascript", "go"}


def test_ids_are_unique():
    assert [
        name for name, count in Counter(r["id"] for r in RULES.values()).items() if count > 1
    ] == []


@every_rule
def test_a_file_holds_one_rule_named_after_it(path):
    assert len(yaml.safe_load(path.read_text())["rules"]) == 1
    assert RULES[path]["id"] == f"assistant.{path.parent.name}.{path.stem}"


@every_rule
def test_a_rule_says_what_a_reader_needs_to_decide(path):
    rule = RULES[path]
    metadata = rule["metadata"]

    assert rule["severity"] in {"LOW", "MEDIUM", "HIGH", "CRITICAL"}
    assert len(rule["message"]) > 80
    assert metadata["category"] == "security"
    assert set(metadata["subcategory"]) <= {"vuln", "audit"}
    assert all(re.fullmatch(r"CWE-\d+: .+", entry) for entry in metadata["cwe"])
    assert all(re.fullmatch(r"A\d\d:20\d\d - .+", entry) for entry in metadata["owasp"])
    assert {metadata["confidence"], metadata["likelihood"], metadata["impact"]} <= LEVELS
    assert metadata["technology"]
    assert all(entry.startswith("https://") for entry in metadata["references"])


@every_rule
def test_a_sample_shows_what_matches_and_what_does_not(path):
    sample = SAMPLES[path].read_text()

    assert f"ruleid: {RULES[path]['id']}\n" in sample
    assert f"ok: {RULES[path]['id']}\n" in sample


@pytest.mark.semgrep
def test_the_scanner_takes_every_rule():
    assert validate_rules(list(RULES.values())) == []


@pytest.mark.semgrep
def test_every_sample_matches_where_it_says(outcome):
    checks = {
        rule_id: check["passed"]
        for result in outcome["results"].values()
        for rule_id, check in result["checks"].items()
    }

    assert checks == {rule["id"]: True for rule in RULES.values()}
    assert outcome["config_with_errors"] == []


@pytest.mark.semgrep
def test_every_fix_of_a_rule_gives_the_text_we_expect(outcome):
    fixed = {
        Path(name).name: result["passed"] for name, result in outcome["fixtest_results"].items()
    }
    assert fixed == {SAMPLES[path].name: True for path in WITH_FIX}


def test_rules_of_every_language_have_fixes():
    by_language = Counter(path.parent.name for path in WITH_FIX)

    assert len(WITH_FIX) >= 15
    assert all(by_language[language] >= 4 for language in ("python", "javascript", "go"))


@pytest.mark.semgrep
@every_fix
def test_a_fix_removes_what_it_is_for_and_adds_nothing(path, matches):
    before, after = matches["before", path], matches["after", path]
    fixed = [match for match in before if match[2] not in {None, match[1]}]
    left_alone = sorted(match[:2] for match in before if match not in fixed)

    assert {rule for rule, _text, _fix in fixed} == {RULES[path]["id"]}
    assert sorted(match[:2] for match in after) == left_alone


@pytest.mark.parametrize("path", [path for path in WITH_FIX if path.parent.name == "python"])
def test_a_fixed_sample_of_python_is_python(path):
    ast.parse(fixed_sample(path).read_text())
