"""Names that a model may have invented."""

import pytest

from remediation.manifests import Manifest, manifest_for
from remediation.names import known_names, unknown_imports, unknown_packages, without_inventions
from remediation.packages import imports_in, is_declared, language_of_path
from tests.integrations.repositories import commit_files


def known(text="import flask\n", *, path="shop/app.py", names=("requests", "PyYAML"), told=()):
    return known_names(
        path=path,
        text=text,
        language=language_of_path(path),
        manifest=Manifest(names=tuple(names), versions=frozenset({"2.31.0"})),
        told=told,
    )


@pytest.mark.parametrize(
    ("language", "code", "found"),
    [
        ("python", "import os, yaml as y\nfrom bs4.x import a\nfrom . import b", {"yaml", "bs4"}),
        ("python", "from __future__ import annotations\nimport json.decoder", set()),
        (
            "javascript",
            (
                'import a from "left-pad/x"\nconst b = require("@acme/kit/y")\nimport "./own"\n'
                'import("node:fs"); require("path")'
            ),
            {"left-pad", "@acme/kit"},
        ),
        (
            "go",
            'import (\n\t"fmt"\n\tx "github.com/acme/vault/v2"\n)\nimport "golang.org/x/text"',
            {"github.com/acme/vault/v2", "golang.org/x/text"},
        ),
        ("java", "import java.util.List;\nimport static org.acme.Kit.run;", {"org-acme"}),
        ("ruby", "require 'json'\nrequire \"nokogiri/xml\"", {"nokogiri"}),
        ("cobol", "import x", set()),
    ],
)
def test_imports_are_read_by_language(language, code, found):
    assert imports_in(code, language=language) == found


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("requests", True),
        ("yaml", True),
        ("urllib3", True),
        ("werkzeug", False),
        ("requestz", False),
    ],
)
def test_a_package_is_known_by_another_name_or_through_another(name, is_known):
    assert is_declared(name, frozenset({"requests", "pyyaml"})) is is_known


def test_a_package_of_a_declared_go_module_is_known():
    declared = frozenset({"github.com/acme/vault"})

    assert is_declared("github.com/acme/vault/client", declared)
    assert not is_declared("github.com/acme/vaulted", declared)


def test_what_the_file_its_folders_the_rule_or_a_memory_names_is_known():
    material = known(told=["Use defusedxml.", "Our client is acme_vault."])
    code = "import flask, defusedxml, acme_vault, yaml\nfrom shop.db import x\nimport nowhere\n"

    assert unknown_imports(code, material) == ["nowhere"]


def test_packages_are_found_in_code_commands_and_prose():
    told = (
        "1. Run `pip install -r requirements.txt safeshell[all]==1.0 requests`.\n"
        "2. Or use the `tinyguard` package.\n\n```python\nimport shellsafe\nimport os\n```\n"
    )

    assert unknown_packages(told, known()) == ["safeshell", "shellsafe", "tinyguard"]


@pytest.mark.parametrize(
    ("text", "clean", "invented"),
    [
        ("`requests==9.9.9`", "`requests==<version>`", ("version 9.9.9",)),
        ("`pip install x==2`", "`pip install x==<version>`", ("version 2",)),
        ("`npm i x@1`", "`npm i x@<version>`", ("version 1",)),
        ("Take version 4.2.", "Take version `<version>`.", ("version 4.2",)),
        ("Since 4.2.1 it is safe.", "Since `<version>` it is safe.", ("version 4.2.1",)),
        (
            '`"lodash": "^4.17.21"`',
            '`"lodash": "^<version>"`',
            ("version 4.17.21",),
        ),
        (
            "`image@sha256:" + "ab" * 32 + "`",
            "`image@sha256:<hash>`",
            ("hash " + "ab" * 32,),
        ),
        ("`requests==2.31.0` stays.", "`requests==2.31.0` stays.", ()),
        ("Bind to 127.0.0.1 and speak TLS 1.3.", "Bind to 127.0.0.1 and speak TLS 1.3.", ()),
        ("`time.sleep(1.5)`", "`time.sleep(1.5)`", ()),
        ("`x==<version>`", "`x==<version>`", ()),
    ],
)
def test_invented_versions_and_hashes_become_placeholders(text, clean, invented):
    checked = without_inventions(text, known())

    assert checked.text == clean
    assert checked.invented == invented


def test_cleaning_twice_changes_nothing():
    text = "Install `x==1.2.3`, then version 4.5 of y; see " + "0f" * 20
    once = without_inventions(text, known()).text

    assert without_inventions(once, known()).text == once


def test_a_version_that_the_file_names_is_no_invention():
    material = known('import flask\nNEEDS = "4.2.1"\n')

    assert without_inventions("Stay with 4.2.1.", material).invented == ()


@pytest.mark.parametrize(
    ("path", "files", "names"),
    [
        (
            "a.py",
            {"requirements.txt": "# one\nflask==3.0.2\n-e .\nacme.kit >= 1\n"},
            {"flask", "acme-kit"},
        ),
        (
            "a.py",
            {
                "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["httpx>=1"]\n'
                '[project.optional-dependencies]\nx = ["rich"]\n'
                '[tool.poetry.dependencies]\norjson = "*"\n'
            },
            {"shop", "httpx", "rich", "orjson"},
        ),
        (
            "a.ts",
            {
                "package.json": '{"dependencies": {"@acme/kit": "1"},'
                ' "devDependencies": {"tap": "2"}}'
            },
            {"@acme/kit", "tap"},
        ),
        (
            "a.go",
            {"go.mod": "module acme.example/shop\n\nrequire (\n\tgithub.com/x/y v1.2.3\n)\n"},
            {"acme.example/shop", "github.com/x/y"},
        ),
        (
            "A.java",
            {"pom.xml": "<groupId>org.acme</groupId><artifactId>kit</artifactId>"},
            {"org-acme", "kit"},
        ),
        ("a.rb", {"Gemfile": 'source "x"\ngem "rails", "~> 7"\n'}, {"rails"}),
        ("a.py", {"pyproject.toml": "not [ toml"}, set()),
        ("a.ts", {"package.json": "[1]"}, set()),
        ("a.ts", {"package.json": '{"dependencies": 7}'}, set()),
        ("a.py", {"pyproject.toml": 'project = "x"\n'}, set()),
    ],
)
def test_manifests_are_read_for_the_files_language(shop, path, files, names):
    commit = commit_files(shop.folder, {"requirements.txt": "", **files})

    manifest = manifest_for(project=shop.project, path=path, commit=commit)

    assert manifest.plain_names == names


def test_a_manifest_is_read_once_a_commit(shop, django_assert_num_queries):
    commit = commit_files(shop.folder, {"requirements.txt": "httpx==1.0\n"})
    first = manifest_for(project=shop.project, path="a.py", commit=commit)

    with django_assert_num_queries(0):
        second = manifest_for(project=shop.project, path="b.py", commit=commit)

    assert first == second
    assert first.versions == {"1.0"}


def test_a_commit_that_cannot_be_read_declares_nothing(shop):
    assert manifest_for(project=shop.project, path="a.py", commit="") == Manifest()
    assert manifest_for(project=shop.project, path="a.py", commit="f" * 40).names == ()
