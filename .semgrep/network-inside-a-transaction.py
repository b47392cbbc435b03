"""What the rule must find, and what it must leave alone."""

from django.db import transaction


def judge(finding):
    # ok: network-inside-a-transaction
    answer = ask(prompt=finding.prompt)
    with transaction.atomic():
        # ruleid: network-inside-a-transaction
        answer = ask(prompt=finding.prompt)
        store(answer)


@transaction.atomic
def record(host, finding):
    # ruleid: network-inside-a-transaction
    file = host.read_file(path=finding.path, commit=finding.commit)
    store(file)
