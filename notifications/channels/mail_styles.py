"""How mails look: each style as it is written into a mail's tags, and what dark mode changes.

Mail programs drop style sheets that are linked, and many drop those in the head: so light mode
stands in the tags themselves. Those that know dark mode read the media query in the head.
"""

from dataclasses import dataclass

_SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Inter,Roboto,Helvetica,Arial,sans-serif"
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """CSS of one kind of tag; `dark` names only what differs."""

    light: str
    dark: str = ""


STYLES = {
    "body": Style(
        light=f"margin:0;padding:0;background:#f4f4f7;color:#1b1c22;font-family:{_SANS}",
        dark="background:#0d0e12;color:#ededf2",
    ),
    "canvas": Style(light="width:100%;background:#f4f4f7", dark="background:#0d0e12"),
    "outer": Style(light="padding:24px 12px"),
    "frame": Style(light="width:100%;max-width:600px"),
    "brand": Style(
        light="padding:0 4px 12px;font-size:14px;line-height:20px;font-weight:600;color:#1b1c22",
        dark="color:#ededf2",
    ),
    "card": Style(
        light="padding:24px;background:#ffffff;border:1px solid #e6e6ec;border-radius:12px",
        dark="background:#14151a;border-color:#2b2d37",
    ),
    "h1": Style(
        light="margin:0 0 4px;font-size:20px;line-height:28px;font-weight:650;color:#1b1c22",
        dark="color:#ededf2",
    ),
    "h2": Style(
        light="margin:0;font-size:15px;line-height:22px;font-weight:600;color:#1b1c22;"
        "overflow-wrap:anywhere",
        dark="color:#ededf2",
    ),
    "text": Style(
        light="margin:8px 0 0;font-size:14px;line-height:21px;color:#1b1c22;overflow-wrap:anywhere",
        dark="color:#ededf2",
    ),
    "muted": Style(
        light="margin:4px 0 0;font-size:13px;line-height:19px;color:#5c5f6e;overflow-wrap:anywhere",
        dark="color:#a2a5b4",
    ),
    "table": Style(light="width:100%;margin:20px 0 0;border-collapse:collapse"),
    "number": Style(
        light="width:28px;padding:16px 12px 16px 0;vertical-align:top;font-size:15px;"
        "line-height:22px;font-weight:600;color:#5146d9;border-top:1px solid #e6e6ec",
        dark="color:#9d93ff;border-color:#2b2d37",
    ),
    "cell": Style(
        light="padding:16px 0;vertical-align:top;border-top:1px solid #e6e6ec",
        dark="border-color:#2b2d37",
    ),
    "place": Style(
        light=f"margin:6px 0 0;font-family:{_MONO};font-size:12.5px;line-height:19px;"
        "overflow-wrap:anywhere"
    ),
    "code": Style(
        light=f"margin:12px 0 0;padding:12px;background:#f5f5f8;border:1px solid #e6e6ec;"
        f"border-radius:8px;font-family:{_MONO};font-size:12.5px;line-height:19px;color:#1b1c22;"
        "white-space:pre-wrap;overflow-wrap:anywhere",
        dark="background:#0f1014;border-color:#2b2d37;color:#ededf2",
    ),
    "link": Style(light="color:#5146d9;text-decoration:underline", dark="color:#9d93ff"),
    "title-link": Style(light="color:#1b1c22;text-decoration:underline", dark="color:#ededf2"),
    "button": Style(
        light="display:inline-block;margin:20px 0 0;padding:10px 18px;background:#5146d9;"
        "border-radius:8px;font-size:14px;line-height:20px;font-weight:600;color:#ffffff;"
        "text-decoration:none",
        dark="background:#6357e6;color:#ffffff",
    ),
    "critical": Style(light="font-weight:600;color:#b4124f", dark="color:#ff7aa5"),
    "high": Style(light="font-weight:600;color:#b83a0b", dark="color:#ff9466"),
    "medium": Style(light="font-weight:600;color:#8a5a00", dark="color:#f2bd4b"),
    "low": Style(light="font-weight:600;color:#2f659e", dark="color:#84b8f2"),
    "good": Style(light="font-weight:600;color:#0f7347", dark="color:#52cf95"),
    "track": Style(
        light="width:100%;margin:8px 0 0;border-collapse:separate;background:#eaeaf0;"
        "border-radius:4px",
        dark="background:#2b2d37",
    ),
    "done": Style(light="background:#0f7347;border-radius:4px", dark="background:#52cf95"),
    "thin": Style(light="height:6px;padding:0;font-size:1px;line-height:6px"),
    "foot": Style(
        light="padding:16px 4px 0;font-size:12px;line-height:18px;color:#5c5f6e;"
        "overflow-wrap:anywhere",
        dark="color:#a2a5b4",
    ),
    "foot-link": Style(light="color:#5c5f6e;text-decoration:underline", dark="color:#a2a5b4"),
    "preview": Style(
        light="display:none;max-height:0;max-width:0;overflow:hidden;font-size:1px;line-height:1px;"
        "color:#f4f4f7",
    ),
}


def dark_rules() -> str:
    """Return the rules of dark mode; what stands in the tags is outdone by `!important` alone."""
    rules = (
        f".m-{name}{{{_important(style.dark)}}}" for name, style in STYLES.items() if style.dark
    )
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _important(css: str) -> str:
    return ";".join(f"{one} !important" for one in css.split(";"))
