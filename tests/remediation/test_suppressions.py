"""What silences a checker, in any spelling, and what only looks like it."""

import pytest

from remediation.comparison.changes import Change
from remediation.comparison.suppressions import added_suppression

BEFORE = "first()\nrun(x)\nlast()\n"


def found_in(line, before=BEFORE):
    return added_suppression(Change(path="a", before=before, after=f"first()\n{line}\nlast()\n"))


@pytest.mark.parametrize(
    "line",
    [
        "run(y)  # nosemgrep", "run(y) // NoSemGrep: a.b", "run(y) /* nosem */",
        "<!-- nosemgrep -->", "-- nosem", "run(y)  # nosec B602", "run(y)  # NOQA",
        "run(y)  # noqa:S602",
        "run(y) //nolint", "run(y) // nolint:gosec", "// eslint-disable-next-line no-eval",
        "/* eslint-disable */",
        '@SuppressWarnings("unchecked")', "@Suppress(\"X\")", "#pragma warning disable CA1",
        "# pragma: no cover", "run(y); // NOLINT(cert-env33-c)", "// NOLINTNEXTLINE", "// NOSONAR",
        "# lgtm[py/x]", "// codeql[js/x]", "// #nosec G204", "# rubocop:disable Security/Eval",
        "// phpcs:ignore", "x = 1  # type: ignore", "# pylint: disable=eval-used", "// @ts-ignore",
        "# snyk:ignore", "# trivy:ignore:AVD-1", "# checkov:skip=CKV_1:fine", "# tfsec:ignore:x",
        "# kics-scan ignore-line", "# shellcheck disable=SC2086", "# hadolint ignore=DL3002",
        "// cppcheck-suppress strcpy", "// biome-ignore lint: x", "# gitleaks:allow",
        "#[allow(clippy::all)]", "//noinspection SqlInjection", "// detekt:x",
        "/** @psalm-suppress X */",
    ],
)  # fmt: skip
def test_a_mark_that_is_added_is_found(line):
    assert found_in(line)


@pytest.mark.parametrize(
    "line",
    [
        "run(y)", "with contextlib.suppress(KeyError):", "# no semantics here", "allow(user)",
        "ignore = True", "#pragma once", "#pragma omp parallel", "run(nose, noquarter)",
        "# the type is checked", "disable(user)",
    ],
)  # fmt: skip
def test_words_that_only_look_like_one_are_not(line):
    assert found_in(line) is None


def test_a_mark_that_stood_there_may_stay_but_not_cover_other_code():
    marked = BEFORE.replace("run(x)", "run(x)  # nosec")

    assert found_in("   run(x)  # nosec", marked) is None
    assert found_in("run(y)  # nosec", marked) == "nosec"
    assert found_in("run(y)", marked) is None
