def find(directory, ldap, name):
    # ruleid: assistant.python.ldap-filter-built
    directory.search_s("dc=shop,dc=example", ldap.SCOPE_SUBTREE, f"(uid={name})")
    # ok: assistant.python.ldap-filter-built
    return directory.search_s("dc=shop,dc=example", ldap.SCOPE_SUBTREE, "(uid=ada)")
