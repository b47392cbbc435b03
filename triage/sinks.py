"""What reaches a match: signs told by following the values that matter there."""

import re
from collections.abc import Sequence

from tree_sitter import Node

from triage.context import JudgeContext
from triage.dataflow import FOLLOWED, Tracer, Trust, Value, worst
from triage.expressions import CONTAINER_NODES, Call, Definition, outermost_calls, read_call
from triage.knowledge import INJECTIONS, Family, is_sink
from triage.languages import FUNCTION_NODES
from triage.modules import Module
from triage.signs import Direction, Sign, Strength

_STATEMENTS_OF_SQL = re.compile(
    r"(?:^|\.)(?:execute|executemany|query|queryRow|Query|QueryRow|Exec|raw|RawSQL|prepare|Prepare"
    r"|prepareStatement|createQuery|createNativeQuery|executeQuery|executeUpdate|all|get|run|each"
    r"|text|sqlalchemy\.text|fetch|fetchrow|fetchval)$"
)
_WITH_CONTEXT = re.compile(r"\.(?:QueryContext|QueryRowContext|ExecContext|PrepareContext)$")
_STARTS_A_PROGRAM = re.compile(
    r"^(?:subprocess\.\w+|Popen|check_output|check_call|call|run|exec\.Command|asyncio\."
    r"create_subprocess_exec|new ProcessBuilder|(?:child_process\.|cp\.)?(?:execFile|execFileSync|spawn"
    r"|spawnSync))$"
)
_ALWAYS_SHELL = re.compile(r"^subprocess\.(?:getoutput|getstatusoutput)$")
# Programs that run what they are told, or read or write where they are told.
_INTERPRETERS = frozenset(
    ["7z", "ash", "at", "awk", "bash", "busybox", "cmd", "cmd.exe", "convert", "crontab", "cscript", "csh", "curl", "dash", "doas", "docker", "ed", "emacs", "env", "eval", "ex", "expect", "ffmpeg", "find", "gdb", "git", "gs", "java", "kubectl", "ksh", "less", "lua", "magick", "make", "man", "mount", "mshta", "mvn", "mysql", "nc", "nice", "nmap", "node", "nohup", "npm", "npx", "nsenter", "openssl", "osascript", "parallel", "perl", "php", "pip", "powershell", "psql", "pwsh", "python", "rsync", "ruby", "rundll32", "scp", "screen", "script", "sed", "sftp", "sh", "socat", "ssh", "start", "strace", "su", "sudo", "tar", "tclsh", "tcpdump", "telnet", "time", "timeout", "tmux", "unshare", "unzip", "vi", "vim", "watch", "wget", "wscript", "xargs", "xterm", "zip", "zsh", "chroot"]
)
_OPTIONS = frozenset({
    "stdout", "stderr", "stdin", "timeout", "check", "capture_output", "text", "encoding",
    "universal_newlines", "shell", "bufsize", "close_fds", "errors", "cwd", "start_new_session",
    "mode", "newline", "buffering",
})  # fmt: skip
_LIVE_MARKUP = re.compile(
    r"<script|javascript:|\bon\w+\s*=|\b(?:href|src|style)\s*=|=\s*[\"']?\s*[{%+$]", re.IGNORECASE
)
_SEVERAL = frozenset({"module", "block", "statement_block", "program", "expression_list"})
_STATEMENTS = frozenset({
    "expression_statement", "return_statement", "throw_statement", "raise_statement",
    "lexical_declaration", "local_variable_declaration", "variable_declaration",
    "parenthesized_expression", "await_expression", "await",
})  # fmt: skip
_ASSIGNMENTS = frozenset({
    "assignment", "assignment_expression", "variable_declarator", "short_var_declaration",
    "assignment_statement", "augmented_assignment", "keyword_argument", "pair", "var_spec",
})  # fmt: skip
_TEMPLATES = re.compile(r"(?:^|\.)(?:render_template_string|Template|from_string)$")
_WIDE = re.compile(r"\b(?:rmtree|rm|rmSync|rmdir|RemoveAll|listdir|readdir|readdirSync|ReadDir)$")
_NAMED_ONLY = re.compile(r"\bbasename\b|filepath\.Base\b|\bgetName\b")


def value_signs(context: JudgeContext, *, family: Family) -> list[Sign]:
    """Return what the values say that reach the match of an injection rule."""
    if family not in INJECTIONS or context.source.language not in FOLLOWED:
        return []
    match = matched_node(context)
    if match is None or match.has_error:
        return []
    tracer = Tracer(source=context.source, family=family)
    value = _value_at(tracer, match)
    if value is None:
        return []
    return _signs_of(context, value, family=family, match=match)


def matched_node(context: JudgeContext) -> Node | None:
    """Return the syntax node that the rule matched."""
    place = context.question.place
    node = context.source.node_at(
        start=(place.start_line, place.start_column), end=(place.end_line, place.end_column)
    )
    # A match of a bare statement is its expression.
    while node is not None and node.type == "expression_statement" and node.named_child_count == 1:
        node = node.named_children[0]
    return node


def _value_at(tracer: Tracer, node: Node) -> Value | None:
    """Return what reaches a matched node; None when it is nothing that has a value."""
    call = read_call(tracer.source, node)
    if call is not None:
        return _value_of_match(tracer, call)
    if node.type in _SEVERAL or node.type in _STATEMENTS:
        parts = [part for part in node.named_children if "comment" not in part.type]
        values = [_value_at(tracer, part) for part in parts]
        known = [value for value in values if value is not None]
        return worst(*known) if known and len(known) == len(values) else None
    right = node.child_by_field_name("right") or node.child_by_field_name("value")
    if node.type in _ASSIGNMENTS:
        return _value_at(tracer, right) if right is not None else None
    if node.type.endswith(("_statement", "_definition", "_declaration", "block", "module")):
        return None
    return tracer.value_of(node)


def _value_of_match(tracer: Tracer, call: Call) -> Value | None:
    """Return what reaches a matched call; a rule may also match a value on its way to the sink."""
    as_value = tracer.value_of(call.node)
    if as_value.trust == Trust.UNTRUSTED:
        return as_value
    as_sink = _value_of_call(tracer, call)
    if as_sink is not None and is_sink(call.callee, tracer.family):
        return as_sink
    return worst(as_value, *([as_sink] if as_sink is not None else []))


def _value_of_call(tracer: Tracer, call: Call) -> Value | None:
    """Return what reaches the dangerous arguments of a call; None when none can be told."""
    program = _program_without_shell(tracer, call)
    if program is not None:
        return program
    nodes = _dangerous(call, tracer.family)
    values = [tracer.value_of(node) for node in nodes]
    if call.receiver is not None:
        inner = outermost_calls(tracer.source, call.receiver)
        values += [v for c in inner if c.arguments and (v := _value_of_call(tracer, c)) is not None]
        if not nodes:
            values.append(tracer.value_of(call.receiver))
    return worst(*values) if values else None


def _dangerous(call: Call, family: Family) -> list[Node]:
    arguments = [a for a in call.arguments if a.value.type not in FUNCTION_NODES]
    if family is Family.SQL and arguments and not arguments[0].name:
        if _WITH_CONTEXT.search(call.callee):
            return [arguments[1].value] if len(arguments) > 1 else []
        if _STATEMENTS_OF_SQL.search(call.callee):
            return [arguments[0].value]
    if family is Family.CODE and arguments and _TEMPLATES.search(call.callee):
        return [arguments[0].value]
    return [a.value for a in arguments if a.name not in _OPTIONS]


def _program_without_shell(tracer: Tracer, call: Call) -> Value | None:
    """Return the value of a program started without a shell, where its arguments cannot hurt.

    An argument can still be an option: only what stands after `--` or behind a constant that is
    no option is left out of account, and only for programs that run nothing themselves.
    """
    is_start = tracer.family is Family.COMMAND and _STARTS_A_PROGRAM.match(call.callee)
    if not is_start or _ALWAYS_SHELL.match(call.callee) or _has_shell(tracer.source, call):
        return None
    words = _words(tracer, call)
    if not words or not tracer.is_constant(words[0]):
        return None
    program = tracer.source.text_of(words[0]).strip("\"'`")
    base = re.sub(r"[\d.]+$", "", re.split(r"[/\\]", program)[-1].removesuffix(".exe"))
    if base in _INTERPRETERS or words[0].type not in {
        "string",
        "interpreted_string_literal",
        "string_literal",
    }:
        return None
    is_after_options = False
    values = [tracer.value_of(words[0])]
    for word in words[1:]:
        text = tracer.source.text_of(word).strip("\"'`")
        is_after_options = is_after_options or text == "--"
        value = tracer.value_of(word)
        if (
            value.trust > Trust.NEUTRALIZED
            and not is_after_options
            and not _is_prefixed(tracer, word)
        ):
            return None
        values.append(value)
    guards = frozenset(line for value in values for line in value.lines)
    is_constant = all(value.trust == Trust.CONSTANT for value in values)
    trust = Trust.CONSTANT if is_constant else Trust.NEUTRALIZED
    return Value(trust=trust, lines=guards, guards=guards)


def _has_shell(source: Module, call: Call) -> bool:
    for argument in call.arguments:
        text = source.text_of(argument.value)
        if argument.name == "shell" and text != "False":
            return True
        if argument.value.type == "object" and re.search(r"\bshell\b(?!\s*:\s*false)|\.\.\.", text):
            return True
        if argument.value.type in {"dictionary_splat", "spread_element"}:
            return True
    return False


def _words(tracer: Tracer, call: Call) -> list[Node]:
    """Return the program and its arguments, where they are written as a list."""
    words: list[Node] = []
    for argument in call.arguments:
        if argument.name not in {"", "args"} or argument.value.type in {"object", *FUNCTION_NODES}:
            continue
        node = _written_list(tracer.source, argument.value)
        words += node.named_children if node is not None else [argument.value]
    first = call.arguments[0].value if call.arguments else None
    needs_list = not re.search(r"exec\.Command|exec$|execFile|spawn|ProcessBuilder", call.callee)
    is_list = first is not None and _written_list(tracer.source, first) is not None
    return words if is_list or not needs_list else []


def _written_list(source: Module, node: Node) -> Node | None:
    if node.type in CONTAINER_NODES:
        return node
    found: Sequence[Definition] = (
        source.definitions_of(source.text_of(node)) if node.type == "identifier" else ()
    )
    is_one = len(found) == 1 and found[0].value is not None
    value = found[0].value if is_one else None
    return value if value is not None and value.type in CONTAINER_NODES else None


def _is_prefixed(tracer: Tracer, word: Node) -> bool:
    """Say whether a word begins with a constant that is no option by itself."""
    text = tracer.source.text_of(word)
    return bool(re.match(r"^(?:f[\"'](?!-)[\w./]|`(?!-)[\w./]|[\"'](?!-)[\w./]+[\"']\s*\+)", text))


def _signs_of(context: JudgeContext, value: Value, *, family: Family, match: Node) -> list[Sign]:
    what, has_trace = family.value, len(context.question.trace) > 1
    if value.trust == Trust.CONSTANT:
        signs = [
            Sign(
                name="constant_argument",
                direction=Direction.SAFE,
                strength=Strength.STRONG,
                sentence=f"Only values that are written in the code reach {what} here.",
                lines=_in_order(value.lines, context),
            )
        ]
        return [*signs, _unexplained_trace()] if has_trace else signs
    if value.trust == Trust.NEUTRALIZED:
        return [_neutralized(context, value, family=family, match=match)]
    return _open_signs(context, value, family=family, has_trace=has_trace)


def _neutralized(context: JudgeContext, value: Value, *, family: Family, match: Node) -> Sign:
    """Return the sign of a check or conversion; medium where it may not fit the place."""
    guards = _in_order(value.guards or value.lines, context)
    text = "\n".join(context.source.line(line) for line in {*value.lines, *context.matched_lines})
    is_live = family is Family.CROSS_SITE and _LIVE_MARKUP.search(text) is not None
    call = read_call(context.source, match)
    is_wide = (
        family is Family.PATH
        and call is not None
        and _WIDE.search(call.callee) is not None
        and _NAMED_ONLY.search(text) is not None
    )
    return Sign(
        name="neutralized_value",
        direction=Direction.SAFE,
        strength=Strength.MEDIUM if is_live or is_wide else Strength.STRONG,
        sentence=(
            f"Each value that reaches {family.value} is written in the code, converted to a harmless"
            " form or checked before it gets there."
        ),
        lines=guards,
    )


def _open_signs(
    context: JudgeContext, value: Value, *, family: Family, has_trace: bool
) -> list[Sign]:
    signs: list[Sign] = []
    if value.is_checked:
        signs.append(
            Sign(
                name="possible_check",
                direction=Direction.SAFE,
                strength=Strength.MEDIUM,
                sentence="Something on the way may be a check; whether it suffices was not settled.",
                lines=_in_order(value.guards, context),
            )
        )
    if value.trust == Trust.UNTRUSTED or has_trace:
        told = "" if value.trust == Trust.UNTRUSTED else ", by the scanner's data flow"
        steps = {
            step.start_line
            for step in context.question.trace[:1]
            if step.path == context.source.path
        }
        lines = _in_order(value.sources or frozenset(steps), context)
        signs.append(
            Sign(
                name="untrusted_value",
                direction=Direction.UNSAFE,
                strength=Strength.MEDIUM if value.is_checked else Strength.STRONG,
                sentence=f"A value that a stranger chooses reaches {family.value} unchanged{told}.",
                lines=(*lines, context.question.place.start_line),
            )
        )
    return signs


def _unexplained_trace() -> Sign:
    return Sign(
        name="reported_flow",
        direction=Direction.UNSAFE,
        strength=Strength.MEDIUM,
        sentence="The scanner reports a data flow from a source, which the constants do not explain.",
    )


def _in_order(lines: frozenset[int], context: JudgeContext) -> tuple[int, ...]:
    """Return lines with those off the match first: they are the better evidence."""
    matched = context.matched_lines
    return tuple(sorted(lines, key=lambda line: (line in matched, line)))
