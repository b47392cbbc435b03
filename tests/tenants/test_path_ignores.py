"""What scans leave out: how patterns are read, and who changed them."""

import pytest

from core.errors import NotFoundError
from tenants.audit import Actor
from tenants.models import AuditEvent
from tenants.path_ignores import (
    MOST_PATTERNS,
    PathIgnoresError,
    ignored_paths,
    last_change,
    read_patterns,
    set_organization_ignores,
    set_project_ignores,
)
from tenants.scope import organization_scope
from tests.factories import ProjectFactory


def test_patterns_are_read_a_line_each_without_comments_and_blanks():
    text = (
        "# ours\r\nvendor/  \n\n*.min.js\nvendor/\n  \nname\\ \n[ab]/x\n\\[x\n/docs/**/draft-?.md\n"
    )

    assert read_patterns(text) == [
        "vendor/",
        "*.min.js",
        "name\\ ",
        "[ab]/x",
        "\\[x",
        "/docs/**/draft-?.md",
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("!vendor/keep.py", "patterns only add up"),
        ("**", "leaves everything out"),
        ("/*", "leaves everything out"),
        ("?*", "leaves everything out"),
        ("*/", "leaves everything out"),
        ("/**/*", "leaves everything out"),
        ("[!-]*", "leaves everything out"),
        ("*.*", "leaves everything out"),
        ("../other", "leads out of the repository"),
        ("a" * 501, "too long"),
        ("a\0b", "cannot be printed"),
        ("docs\\", "escapes nothing"),
        ("[ab", "not closed"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_the_remedy(line, words):
    with pytest.raises(PathIgnoresError) as refused:
        read_patterns(f"vendor/\n\n{line}\n")

    assert refused.value.detail.startswith("path_ignores: line 3: ")
    assert words in refused.value.detail
    assert refused.value.field == "path_ignores"


def test_too_many_patterns_are_refused():
    with pytest.raises(PathIgnoresError, match="too many"):
        read_patterns("\n".join(f"folder-{n}/" for n in range(MOST_PATTERNS + 1)))


def test_the_patterns_of_organization_and_project_add_up(acme, ada):
    project, other = ProjectFactory(), ProjectFactory()
    actor = Actor.person(ada)

    set_organization_ignores(organization_id=acme.pk, patterns=["vendor/"], actor=actor)
    is_new = set_project_ignores(project_id=project.pk, patterns=["docs/", "vendor/"], actor=actor)
    again = set_project_ignores(project_id=project.pk, patterns=["docs/", "vendor/"], actor=actor)

    project.refresh_from_db()
    assert (is_new, again) == (True, False)
    assert ignored_paths(project) == ["vendor/", "docs/"]
    assert ignored_paths(other) == ["vendor/"]
    assert AuditEvent.objects.count() == 2
    changed = last_change(project)
    assert (changed.actor_label, changed.before, changed.after) == (
        "Ada",
        {"path_ignores": []},
        {"path_ignores": ["docs/", "vendor/"]},
    )
    assert last_change(other) is None


def test_a_strangers_project_is_not_there(acme, ada, rival):
    with organization_scope(rival.id):
        strange = ProjectFactory()

    with pytest.raises(NotFoundError):
        set_project_ignores(project_id=strange.pk, patterns=["x/"], actor=Actor.person(ada))

    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("line", [".*", "*.py", "_*", "migrations/[0-9]*", "\\*", "**/x/**", "*é"])
def test_wildcards_beside_a_name_are_taken(line):
    assert read_patterns(line) == [line]
