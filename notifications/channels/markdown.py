"""Foreign Markdown, read and written anew, so that what it opens it also closes; pure."""

from collections.abc import Collection, Iterable, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from core.escaping import (
    as_block,
    code_block,
    code_span,
    cut,
    escaped,
    link,
    may_link,
    visible,
)
from core.redaction import redact

_READER = MarkdownIt("commonmark", {"html": False, "linkify": False})
_MARKS = {"em": "*", "strong": "**"}


def prose(text: str, *, links: Collection[str] = (), limit: int = 3000) -> str:
    """Return foreign Markdown as neutral Markdown.

    Headings become bold lines, pictures their descriptions. Only an address that stands in `links`
    becomes a link; others are shown as text.
    """
    tree = SyntaxTreeNode(_READER.parse(visible(cut(redact(text), limit))))
    return _Writer(links=frozenset(links)).blocks(tree.children)


def line(text: str, *, limit: int = 500) -> str:
    """Return foreign Markdown as one neutral line, without links."""
    return " ".join(prose(" ".join(text.split()), limit=limit).split())


class _Writer:
    """Writes what was read; knows the addresses that may be linked."""

    def __init__(self, *, links: frozenset[str]) -> None:
        self.links = links

    def blocks(self, nodes: Iterable[SyntaxTreeNode]) -> str:
        return "\n\n".join(filter(None, (self._block(node) for node in nodes)))

    def _block(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "paragraph":
                return as_block(self._inline(node.children))
            case "heading":
                words = escaped(_text_of(node)).strip()
                return f"**{words}**" if words else ""
            case "bullet_list" | "ordered_list":
                return self._list(node)
            case "blockquote":
                return quoted(self.blocks(node.children))
            case "fence" | "code_block":
                return code_block(node.content, language=node.info.strip())
            case _:
                return ""

    def _list(self, node: SyntaxTreeNode) -> str:
        is_ordered = node.type == "ordered_list"
        items = []
        for number, item in enumerate(node.children, start=1):
            sign = f"{number}. " if is_ordered else "- "
            items.append(sign + indented(self.blocks(item.children), len(sign)))
        return "\n".join(items)

    def _inline(self, nodes: Sequence[SyntaxTreeNode]) -> str:
        return "".join(self._span(node) for node in nodes).strip()

    def _span(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "inline":
                return self._inline(node.children)
            case "text":
                return escaped(node.content)
            case "code_inline":
                return code_span(node.content)
            case "em" | "strong":
                inner = self._inline(node.children)
                return f"{_MARKS[node.type]}{inner}{_MARKS[node.type]}" if inner else ""
            case "link":
                return self._link(node)
            case _:
                # A picture, of which the description is left; or the end of a line.
                return escaped(_text_of(node)) if node.type == "image" else " "

    def _link(self, node: SyntaxTreeNode) -> str:
        address, words = str(node.attrs.get("href", "")), _text_of(node)
        if address in self.links and may_link(address):
            # An address inside a link's text would be read as code by itself.
            return link(escaped(words), address) if words != address else link("link", address)
        shown = address if address.startswith(("https://", "http://")) else ""
        if not shown or shown == words:
            return escaped(words)
        return f"{escaped(words)} ({code_span(shown)})"


def quoted(markdown: str) -> str:
    """Return Markdown as a quotation."""
    return "\n".join(f"> {one}".rstrip() for one in markdown.split("\n")) if markdown else ""


def indented(markdown: str, width: int) -> str:
    """Return Markdown whose lines after the first stand `width` blanks further in."""
    first, *others = markdown.split("\n")
    return "\n".join([first, *(" " * width + one if one else "" for one in others)])


def details(summary: str, markdown: str) -> str:
    """Return Markdown that is shown on demand; `summary` is ours, in HTML."""
    return f"<details>\n<summary>{summary}</summary>\n\n{markdown}\n\n</details>"


def _text_of(node: SyntaxTreeNode) -> str:
    if not node.children:
        return node.content if node.type in {"text", "code_inline"} else ""
    return "".join(" " if child.type == "softbreak" else _text_of(child) for child in node.children)
