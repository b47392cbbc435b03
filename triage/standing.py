"""Signs for rules whose match is the weakness itself: weak hashes, flags, parsers, settings."""

import re
from collections.abc import Callable, Mapping

from triage.context import JudgeContext
from triage.expressions import CALL_NODES, Call, outermost_calls, read_call
from triage.knowledge import STANDING, Family, cwe_numbers, is_sink
from triage.languages import FUNCTION_NODES
from triage.signs import Direction, Sign, Strength
from triage.sinks import matched_node
from triage.syntax import line_of

_OF_SECRETS = re.compile(
    r"passw|pwd|secret|token|otp|nonce|salt|session|credential|api_?key|reset|csrf|signature|hmac",
    re.IGNORECASE,
)
_OF_NO_SECRETS = re.compile(
    r"etag|cache|checksum|gravatar|fingerprint|dedup|jitter|backoff|shuffle|sample|colou?r|delay"
    r"|bucket|shard|digest_of_file|content_hash",
    re.IGNORECASE,
)
_HASHES = re.compile(r"md5|sha-?1\b|\bsha1|weak-hash|hash", re.IGNORECASE)
_DEBUG = re.compile(r"\bdebug\b", re.IGNORECASE)
_WAITS = re.compile(r"(?:^|\.)(?:sleep|Sleep|setTimeout|setInterval|wait)$")
_COUNTS = re.compile(
    r"^(?:Math\.(?:floor|ceil|round|max|min|random)|int|float|round|max|min|parseInt|Number)$"
    r"|(?:^|\.)(?:sleep|Sleep|setTimeout|setInterval|wait|Duration|random|uniform|randint|Intn)$"
)
_SAFE_LOADERS = re.compile(r"^(?:yaml\.)?C?SafeLoader$")
_LOADERS = re.compile(r"(?:^|\.)C?(?:Safe|Base|Full|Unsafe)?Loader$")
_FLAGS = {614: "secure", 1004: "httponly", 1275: "samesite"}


def standing_signs(context: JudgeContext, *, family: Family) -> list[Sign]:
    """Return what the matched code and the words around it say."""
    signs = [sign for look in _LOOKS.get(family, ()) if (sign := look(context)) is not None]
    if family in STANDING and not signs:
        return [_standing(context, family)]
    return signs


def _standing(context: JudgeContext, family: Family) -> Sign:
    """Return the sign of the match itself; medium where it depends on what it is used for."""
    lines = [context.source.line(line) for line in context.matched_lines]
    text = "\n".join([*lines[:5], context.question.rule.check_id])
    depends = family in {Family.COOKIE, Family.SETTING} or _HASHES.search(text) is not None
    is_serious = not depends or _OF_SECRETS.search("\n".join(lines[:5])) or _DEBUG.search(text)
    return Sign(
        name="standing_weakness",
        direction=Direction.UNSAFE,
        strength=Strength.STRONG if is_serious else Strength.MEDIUM,
        sentence=f"The matched code is itself what the rule warns of: {family.value}.",
        lines=(context.question.place.start_line,),
    )


def _safe(name: str, sentence: str, *lines: int, strength: Strength = Strength.STRONG) -> Sign:
    return Sign(
        name=name, direction=Direction.SAFE, strength=strength, sentence=sentence, lines=lines
    )


def _unsafe(name: str, sentence: str, *lines: int) -> Sign:
    return Sign(
        name=name,
        direction=Direction.UNSAFE,
        strength=Strength.STRONG,
        sentence=sentence,
        lines=lines,
    )


def _calls(context: JudgeContext) -> list[Call]:
    match = matched_node(context)
    return [] if match is None or match.has_error else outermost_calls(context.source, match)


def _keywords(context: JudgeContext, call: Call) -> dict[str, str]:
    return {a.name: context.source.text_of(a.value) for a in call.arguments if a.name}


def _hash_for_no_security(context: JudgeContext) -> Sign | None:
    calls = _calls(context)
    marked = [c for c in calls if _keywords(context, c).get("usedforsecurity") == "False"]
    by_words = _by_words(context, "hash")
    if by_words is not None and by_words.direction is Direction.UNSAFE:
        return by_words
    if calls and len(marked) == len(calls) and all("hash" in c.callee for c in calls):
        line = line_of(marked[0].node)
        return _safe("not_for_security", "The hash is declared not to serve security.", line)
    return by_words


def _by_words(context: JudgeContext, what: str) -> Sign | None:
    """Judge by the names around the match; secrets weigh more than their absence."""
    words = " ".join([*context.slice.matched_names, *context.slice.feeding[0]])
    function = context.slice.function
    name = function.child_by_field_name("name") if function is not None else None
    words += f" {context.source.text_of(name)}" if name is not None else ""
    line = context.question.place.start_line
    if _OF_SECRETS.search(words):
        return _unsafe(
            "serves_a_secret", f"The {what} serves a secret, by the names around it.", line
        )
    if _OF_NO_SECRETS.search(words):
        sentence = f"The {what} may serve no security, by the names around it."
        return _safe("serves_no_secret", sentence, line, strength=Strength.MEDIUM)
    return None


def _random_for_waiting(context: JudgeContext) -> Sign | None:
    node = matched_node(context)
    current = node.parent if node is not None else None
    while current is not None and not current.type.endswith("statement"):
        call = read_call(context.source, current)
        if current.type in FUNCTION_NODES or (call is not None and not _COUNTS.search(call.callee)):
            break
        if call is not None and _WAITS.search(call.callee):
            sentence = "The random number only says how long to wait."
            return _safe("random_wait", sentence, line_of(current))
        current = current.parent
    return _by_words(context, "random number")


def _cookie_flags(context: JudgeContext) -> Sign | None:
    message = context.question.rule.message.lower()
    numbers = cwe_numbers(dict(context.question.rule.metadata))
    wanted = {_FLAGS[number] for number in numbers if number in _FLAGS}
    wanted |= {"httponly"} if "httponly" in message else set()
    calls = _calls(context)
    if (
        not wanted
        or len(calls) != 1
        or _has_inner_call(calls[0])
        or any("**" in context.source.text_of(a.value) for a in calls[0].arguments)
    ):
        return None
    given = {
        name.lower(): text.strip("\"'").lower() for name, text in _flags(context, calls[0]).items()
    }
    if all(given.get(flag) in {"true", "lax", "strict"} for flag in wanted):
        lines = range(line_of(calls[0].node), context.question.place.end_line + 1)
        shown = [n for n in lines if any(f in context.source.line(n).lower() for f in wanted)]
        return _safe("cookie_flags_set", "The flags that the rule misses are set.", *shown)
    return None


def _has_inner_call(call: Call) -> bool:
    return call.receiver is not None and call.receiver.type in CALL_NODES


def _flags(context: JudgeContext, call: Call) -> dict[str, str]:
    given = _keywords(context, call)
    for argument in call.arguments:
        if argument.value.type == "object":
            for part in argument.value.named_children:
                name, value = part.child_by_field_name("key"), part.child_by_field_name("value")
                if part.type == "spread_element":
                    given = {}
                elif name is not None and value is not None:
                    given[context.source.text_of(name).strip("\"'")] = context.source.text_of(value)
    return given


def _safe_loader(context: JudgeContext) -> Sign | None:
    loads = [
        call for call in _calls_around(context) if is_sink(call.callee, Family.DESERIALIZATION)
    ]
    if not loads or not _is_plain_yaml(context):
        return None
    lines = [line_of(call.node) for call in loads]
    kinds = {_loader_of(context, call) for call in loads}
    if kinds == {"safe"}:
        return _safe("safe_loader", "The loader makes plain values only, no objects.", *lines)
    if kinds <= {"safe", "own"}:
        sentence = "The loader is one of their own; what it makes was not looked into."
        return _safe("loader_of_their_own", sentence, *lines, strength=Strength.MEDIUM)
    return None


def _is_plain_yaml(context: JudgeContext) -> bool:
    """Say whether the loader's names mean the library's own, and nothing is added to it."""
    source = context.source
    if {"SafeLoader", "CSafeLoader", "yaml", "torch"} & source.bound_names:
        return False
    if re.search(r"\bas\s+(?:yaml|torch|C?SafeLoader)\b", _without_usual(source.import_text)):
        return False
    return not any(
        re.search(r"add_(?:multi_)?(?:constructor|implicit_resolver|path_resolver)$", call.callee)
        for call in source.calls
    )


def _without_usual(imports: str) -> str:
    """Leave out the one usual alias: the fast loader under the slow one's name."""
    return re.sub(r"\bCSafeLoader as SafeLoader\b", "", imports)


def _calls_around(context: JudgeContext) -> list[Call]:
    """Return the matched calls, and the one that a matched argument belongs to."""
    current, calls = matched_node(context), _calls(context)
    while current is not None and not current.type.endswith(("statement", "block", "module")):
        current = current.parent
        call = read_call(context.source, current) if current is not None else None
        if call is not None:
            return [*calls, call]
    return calls


def _loader_of(context: JudgeContext, call: Call) -> str:
    """Return whether a call loads plain values ("safe"), in an own way ("own"), or neither."""
    keywords = _keywords(context, call)
    is_plain = call.callee in {"yaml.safe_load", "yaml.safe_load_all"}
    if is_plain or (call.callee == "torch.load" and keywords.get("weights_only") == "True"):
        return "safe"
    given = [context.source.text_of(a.value) for a in call.arguments[1:2] if not a.name]
    loader = keywords.get("Loader") or "".join(given)
    if call.callee not in {"yaml.load", "yaml.load_all"} or not loader:
        return ""
    if _SAFE_LOADERS.match(loader):
        return "safe"
    return "" if _LOADERS.search(loader) else "own"


_EXTERNAL = (
    r"(?:feature_external_(?:ges|pes)|features/external-(?:general|parameter)-entities[\"'])"
)
_XML_ON = re.compile(_EXTERNAL + r"\s*,\s*(?:True|true|1)\b|resolve_entities\s*=\s*True")
_XML_OFF = re.compile(
    r"disallow-doctype-decl[\"']\s*,\s*true|resolve_entities\s*=\s*False"
    r"|feature_external_ges\s*,\s*(?:False|0)\b|FEATURE_SECURE_PROCESSING\s*,\s*true"
)


def _xml_features(context: JudgeContext) -> Sign | None:
    code = [(n, line) for n, line in enumerate(context.source.lines, start=1)]
    on = [n for n, line in code if _XML_ON.search(line) and _is_code(context, n)]
    off = [n for n, line in code if _XML_OFF.search(line) and _is_code(context, n)]
    if on:
        return _unsafe("entities_on", "The parser is told to load external entities.", *on[:2])
    if off:
        sentence = "A parser of this file is told not to load external entities."
        return _safe("entities_off", sentence, *off[:2], strength=Strength.MEDIUM)
    return None


def _is_code(context: JudgeContext, line: int) -> bool:
    first = len(context.source.line(line)) - len(context.source.line(line).lstrip())
    inks = context.source.ink[line - 1]
    return bool(inks) and inks[first] == 0


_LOOKS: Mapping[Family, tuple[Callable[[JudgeContext], Sign | None], ...]] = {
    Family.WEAK_CRYPTO: (_hash_for_no_security,),
    Family.RANDOMNESS: (_random_for_waiting,),
    Family.COOKIE: (_cookie_flags,),
    Family.DESERIALIZATION: (_safe_loader,),
    Family.XML: (_xml_features,),
}
