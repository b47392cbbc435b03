"""Programs started without a shell: whether their arguments can hurt."""

import re
from collections.abc import Sequence

from tree_sitter import Node

from triage.assignments import Definition
from triage.dataflow import Tracer
from triage.expressions import CONTAINER_NODES, Call
from triage.knowledge import Family
from triage.languages import FUNCTION_NODES
from triage.modules import Module
from triage.values import Trust, Value

_STARTS_A_PROGRAM = re.compile(
    r"^(?:subprocess\.\w+|Popen|check_output|check_call|call|run|exec\.Command|asyncio\."
    r"create_subprocess_exec|new ProcessBuilder"
    r"|(?:child_process\.|cp\.)?(?:execFile|execFileSync|spawn|spawnSync))$"
)
_ALWAYS_SHELL = re.compile(r"^subprocess\.(?:getoutput|getstatusoutput)$")
# Programs that run what they are told, or read or write where they are told.
INTERPRETERS = frozenset(
    [
        "7z",
        "ash",
        "at",
        "awk",
        "bash",
        "busybox",
        "cmd",
        "cmd.exe",
        "convert",
        "crontab",
        "cscript",
        "csh",
        "curl",
        "dash",
        "doas",
        "docker",
        "ed",
        "emacs",
        "env",
        "eval",
        "ex",
        "expect",
        "ffmpeg",
        "find",
        "gdb",
        "git",
        "gs",
        "java",
        "kubectl",
        "ksh",
        "less",
        "lua",
        "magick",
        "make",
        "man",
        "mount",
        "mshta",
        "mvn",
        "mysql",
        "nc",
        "nice",
        "nmap",
        "node",
        "nohup",
        "npm",
        "npx",
        "nsenter",
        "openssl",
        "osascript",
        "parallel",
        "perl",
        "php",
        "pip",
        "powershell",
        "psql",
        "pwsh",
        "python",
        "rsync",
        "ruby",
        "rundll32",
        "scp",
        "screen",
        "script",
        "sed",
        "sftp",
        "sh",
        "socat",
        "ssh",
        "start",
        "strace",
        "su",
        "sudo",
        "tar",
        "tclsh",
        "tcpdump",
        "telnet",
        "time",
        "timeout",
        "tmux",
        "unshare",
        "unzip",
        "vi",
        "vim",
        "watch",
        "wget",
        "wscript",
        "xargs",
        "xterm",
        "zip",
        "zsh",
        "chroot",
    ]
)


def program_without_shell(tracer: Tracer, call: Call) -> Value | None:
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
    if base in INTERPRETERS or words[0].type not in {
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
