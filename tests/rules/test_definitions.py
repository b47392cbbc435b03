"""What a rule may say."""

import pytest

from rules.definitions import RuleRefusedError, check_definition, hash_definition

RULE = {
    "id": "acme.python.eval",
    "languages": ["python"],
    "severity": "HIGH",
    "message": "eval runs text as code",
    "pattern": "eval(...)",
}


def test_a_rule_is_kept_as_it_is_with_its_metadata():
    rule = {**RULE, "metadata": {"cwe": ["CWE-95"], "deep": {"any": [1, None, True]}}}

    assert check_definition(rule) == rule


def test_keys_without_a_value_are_left_out():
    assert check_definition({**RULE, "fix": None, "metadata": None}) == RULE


def test_the_keys_of_patterns_are_taken_at_any_depth():
    rule = {
        **RULE,
        "mode": "taint",
        "pattern-sources": [{"patterns": [{"pattern-inside": "def f(): ..."}], "label": "A"}],
        "pattern-propagators": [{"pattern": "f($X, $Y)", "from": "$X", "to": "$Y"}],
        "pattern-sinks": [
            {
                "patterns": [
                    {"pattern-either": [{"pattern": "f($X)"}, {"pattern-regex": "f.x"}]},
                    {"pattern-not": "f(1)"},
                    {"pattern-not-inside": "with g(): ..."},
                    {"metavariable-regex": {"metavariable": "$X", "regex": "a"}},
                    {"metavariable-comparison": {"comparison": "$X > 1", "base": 8}},
                    {"metavariable-analysis": {"analyzer": "entropy", "metavariable": "$X"}},
                    {"metavariable-type": {"metavariable": "$X", "types": ["str"]}},
                    {
                        "metavariable-pattern": {
                            "metavariable": "$X",
                            "language": "regex",
                            "patterns": [{"pattern-regex": "b"}],
                        }
                    },
                    {"focus-metavariable": ["$X"]},
                ],
                "requires": "A",
            }
        ],
    }

    assert check_definition(rule) == rule


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"patterns": [{"pattern-where-python": "open('/etc/passwd')"}]}, "patterns.0"),
        ({"patterns": [{"patterns": [{"file": "/etc/passwd"}]}]}, "patterns.0.patterns.0"),
        ({"pattern-sinks": [{"validators": [{"http": {}}]}]}, "pattern-sinks.0"),
        ({"pattern": {"include": "a.yml"}}, "pattern"),
        ({"paths": {"read": "/etc/passwd"}}, "paths"),
        ({"fix-regex": {"regex": "a", "replacement": "b", "file": "c"}}, "fix-regex"),
        ({"patterns": [{"metavariable-pattern": {"rule": "other"}}]}, "patterns.0.metavariable"),
    ],
)
def test_other_keys_are_refused_at_any_depth(part, field):
    with pytest.raises(RuleRefusedError, match="do not have this key in this place") as refusal:
        check_definition({**RULE, **part})

    assert refusal.value.field.startswith(field)


@pytest.mark.parametrize(
    "rule_id", ["a", "a.b", "a-b.c_d", "_a", "0", "a.-b", "A.B.c", "x" * 400, "a.0.b"]
)
def test_ids_of_plain_names_are_taken(rule_id):
    assert check_definition({**RULE, "id": rule_id})["id"] == rule_id


@pytest.mark.parametrize(
    "rule_id",
    [
        "../../etc/passwd",
        "a/b",
        "a\\b",
        "..",
        ".",
        ".a",
        "a.",
        "a..b",
        "-a",
        "--config",
        "a b",
        "a\n",
        "a\0",
        "é",
        "x" * 401,
        "",
        None,
        5,
        ["a"],
        True,
    ],
)
def test_ids_of_another_kind_are_refused(rule_id):
    with pytest.raises(RuleRefusedError, match=r"^id: ") as refusal:
        check_definition({**RULE, "id": rule_id})

    assert refusal.value.field == "id"
    assert refusal.value.code == "rule_refused"


@pytest.mark.parametrize("mode", ["join", "extract", "steps", "secrets", "", ["search"], 5, {}])
def test_modes_other_than_search_and_taint_are_refused(mode):
    with pytest.raises(RuleRefusedError, match="write the rule as `search` or `taint`") as refusal:
        check_definition({**RULE, "mode": mode})

    assert refusal.value.field == "mode"


@pytest.mark.parametrize(
    "key",
    [
        "join",
        "extract",
        "validators",
        "dependencies",
        "dest-language",
        "equivalences",
        "pattern-where-python",
        "technology",
    ],
)
def test_keys_that_reach_outside_or_are_unknown_are_refused(key):
    with pytest.raises(RuleRefusedError, match=f"^{key}: rules here do not have this") as refusal:
        check_definition({**RULE, key: {"a": "b"}})

    assert refusal.value.field == key


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"languages": None}, "languages"),
        ({"languages": "python"}, "languages"),
        ({"languages": []}, "languages"),
        ({"languages": [5]}, "languages"),
        ({"languages": ["x" * 21]}, "languages"),
        ({"languages": ["python"] * 51}, "languages"),
        ({"severity": None}, "severity"),
        ({"severity": ["HIGH"]}, "severity"),
        ({"severity": "X" * 21}, "severity"),
        ({"message": None}, "message"),
        ({"message": "  "}, "message"),
        ({"message": 5}, "message"),
        ({"metadata": ["a"]}, "metadata"),
        ({"metadata": "a"}, "metadata"),
        ({"metadata": {"product": "iac"}}, "metadata.product"),
        ({"metadata": {"product": ["sast"]}}, "metadata.product"),
    ],
)
def test_a_key_with_a_wrong_value_is_named(changes, field):
    with pytest.raises(RuleRefusedError) as refusal:
        check_definition({**RULE, **changes})

    assert refusal.value.field == field
    assert refusal.value.detail.startswith(f"{field}: ")


@pytest.mark.parametrize("value", [None, "a", 5, ["id"], True])
def test_what_is_not_a_mapping_is_refused(value):
    with pytest.raises(RuleRefusedError, match="must be a mapping"):
        check_definition(value)


def test_the_hash_does_not_depend_on_the_order_of_keys():
    assert hash_definition(dict(reversed(RULE.items()))) == hash_definition(RULE)
    assert hash_definition({**RULE, "message": "other"}) != hash_definition(RULE)
