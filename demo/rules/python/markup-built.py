from markupsafe import Markup


def badge(name):
    # ruleid: assistant.python.markup-built
    Markup(f"<b>{name}</b>")
    # ok: assistant.python.markup-built
    Markup("<hr>")
    # ok: assistant.python.markup-built
    return Markup("<b>{}</b>").format(name)
