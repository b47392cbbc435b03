from markupsafe import Markup


def badge(name):
    # ruleid: assistant.python.markup-built
    Markup(f"<b>{name}</b>")
    # ruleid: assistant.python.markup-built
    Markup("<b>{}</b>".format(name))
    # ok: assistant.python.markup-built
    Markup("<hr>")
    # ok: assistant.python.markup-built
    return Markup("<b>{}</b>").format(name)
