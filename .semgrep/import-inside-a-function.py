"""What the rule must find, and what it must leave alone."""

# ok: import-inside-a-function
import json


def dodge():
    # ruleid: import-inside-a-function
    import triage
    # ruleid: import-inside-a-function
    from triage.verdicts import judge

    return judge, triage, json


class Config:
    def ready(self) -> None:
        # ok: import-inside-a-function
        from tenants import checks
