"""What the rule must find, and what it must leave alone."""


def steal(token_hash):
    # ruleid: unscoped-outside-its-places
    rows = ApiToken.unscoped.filter(token_hash=token_hash)
    # ruleid: unscoped-outside-its-places
    manager = ApiToken.unscoped
    # ok: unscoped-outside-its-places
    mine = ApiToken.objects.filter(token_hash=token_hash)
    return rows, manager, mine
