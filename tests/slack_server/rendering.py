"""Messages as Slack draws them, roughly: for screenshots that people look at."""

from html import escape

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Slack</title><style>
body {{ margin: 0; padding: 24px; background: #fff; color: #1d1c1d; font: 15px/1.46 sans-serif; }}
.message {{ max-width: 640px; margin-bottom: 32px; }}
.name {{ font-weight: 700; }} .app {{ font-size: 11px; background: #eee; padding: 1px 4px; }}
h2 {{ font-size: 18px; margin: 4px 0; }} p {{ margin: 4px 0; white-space: pre-wrap; }}
p, h2, blockquote, small {{ overflow-wrap: anywhere; }}
blockquote {{ margin: 4px 0; padding-left: 12px; border-left: 4px solid #ddd; }}
code {{ background: #f4f4f4; border: 1px solid #ddd; border-radius: 3px; padding: 0 3px; }}
small {{ color: #616061; display: block; }} a {{ color: #1264a3; }}
.actions > span {{ display: inline-block; margin: 6px 6px 0 0; padding: 4px 12px;
  border: 1px solid #bbb; border-radius: 4px; font-weight: 700; font-size: 13px; }}
.actions > .primary {{ background: #007a5a; border-color: #007a5a; color: #fff; }}
</style><body>{messages}</body></html>"""


def page_of(messages):
    """Return a page of HTML with these messages."""
    return _PAGE.format(messages="".join(_message(one) for one in messages))


def _message(message):
    head = '<span class="name">Assay</span> <span class="app">APP</span>'
    return f'<div class="message">{head}{"".join(map(_block, message["blocks"]))}</div>'


def _block(block):
    match block["type"]:
        case "header":
            return f"<h2>{escape(block['text']['text'])}</h2>"
        case "context":
            return "".join(f"<small>{escape(one['text'])}</small>" for one in block["elements"])
        case "actions":
            return f'<div class="actions">{"".join(map(_button, block["elements"]))}</div>'
        case _:
            return "".join(map(_section, block["elements"]))


def _section(section):
    inner = "".join(map(_text, section["elements"]))
    tag = "blockquote" if section["type"] == "rich_text_quote" else "p"
    return f"<{tag}>{inner}</{tag}>"


def _text(one):
    said = escape(one["text"])
    if one["type"] == "link":
        return f'<a href="{escape(one["url"])}">{said}</a>'
    style = one.get("style", {})
    for name, tag in (("bold", "b"), ("italic", "i"), ("code", "code")):
        said = f"<{tag}>{said}</{tag}>" if style.get(name) else said
    return said


def _button(one):
    return f'<span class="{one.get("style", "")}">{escape(one["text"]["text"])}</span>'
