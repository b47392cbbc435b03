"""Calls, names and texts that share a weakness, so that one is no remedy for another; pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from remediation.comparison.aliases import Aliases
from remediation.comparison.groups import literals_of, target_of
from remediation.comparison.kept import Setting, settings_of
from remediation.comparison.signatures import PRINTING
from remediation.comparison.syntax_kinds import NAMES
from remediation.comparison.trees import Unit, arguments_of, callee_of, text_of

NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """How a weakness is written: `calls` are dotted names, `names` and `texts` stand anywhere.

    `harmless` in a call takes the harm from it. `is_any`: a call that was only respelled counts;
    else only one whose name was not there before. `needs_input`: constants do no harm;
    `is_command`: nor do arguments beside a program's name.
    """

    calls: re.Pattern[str] = NEVER
    names: re.Pattern[str] = NEVER
    texts: re.Pattern[str] = NEVER
    harmless: re.Pattern[str] = NEVER
    is_any: bool = False
    needs_input: bool = False
    is_command: bool = False


WEAKNESSES = (
    Weakness(  # a broken hash
        calls=re.compile(
            r"(?i)(?:.*\.)?(?:md[245]|sha_?1|ripemd\w*|crc32|(?:md5|sha1)\w*(?:provider|managed|cng)"
            r"|(?:md5|sha1)_?(?:hex|file)|get(?:md5|sha1?)digest)(?:\.\w+)?"
        ),
        texts=re.compile(r"(?i)md[245]|sha-?1?|ripemd\w*|crc32b?"),
        harmless=re.compile(r"(?i)usedforsecurity\s*=\s*False"),
        is_any=True,
    ),
    Weakness(  # a random number that can be guessed
        calls=re.compile(
            r"random\.(?!SystemRandom)\w+|(?:np|numpy)\.random\.\w+|Math\.random"
            r"|Date\.now|performance\.now|(?:(?:java\.)?util\.|System\.)?Random(?:\.\w+)?"
            r"|ThreadLocalRandom(?:\.\w+)*|RandomStringUtils\.\w+|RandomUtils\.\w+"
            r"|System\.(?:currentTimeMillis|nanoTime)|time\.time(?:_ns)?|microtime|uniqid"
            r"|(?:mt_|s|Kernel\.)?rand(?:om)?|lcg_value|(?:str_|array_)?(?:shuffle|rand)|[lmd]rand48"
            r"|Time\.now(?:\.\w+)*|(?:math\.)?rand\.(?:Int(?!\b)\w+|Uint\w+|\w*Float\w+|N|Perm|Shuffle)"
        ),
        harmless=re.compile(
            r"(?i)secret|secure|urandom|system_?random|random_?bytes|random_?uuid|getrandom"
            r"|random_int|crypto|arc4random|openssl|uuid4|token_"
        ),
        is_any=True,
    ),
    Weakness(  # a broken cipher or mode
        calls=re.compile(r"(?:.*\.)?(?:DES3?|ARC[24]|Blowfish|TripleDES|(?:Triple)?DES\w+Provider"
                         r"|RC2\w*Provider)(?:\.\w+)?"),
        names=re.compile(r"MODE_ECB|ECB"),
        texts=re.compile(r"(?i)(?:des(?:ede)?|3des|tripledes|rc[24]|arc(?:four|[24])|blowfish|bf)"
                         r"(?:[-/].*)?|\w+[-/](?:\d+[-/])?ecb(?:[-/].*)?"),
        is_any=True,
    ),
    Weakness(  # objects made of foreign bytes
        calls=re.compile(
            r"(?:c?[pP]ickle|_pickle|dill|cloudpickle|marshal|shelve|jsonpickle|joblib)\."
            r"(?:loads?|open|decode|Unpickler)(?:\.\w+)*"
            r"|yaml\.(?:load(?:_all)?|unsafe_load\w*|full_load\w*|(?:Unsafe|Full)?Loader)(?:\.\w+)*"
            r"|(?:Marshal|YAML|Psych)\.(?:load|restore|unsafe_load)(?:_file)?|unserialize"
            r"|(?:.*\.)?(?:readObject|readUnshared|XMLDecoder|read_pickle|BinaryFormatter"
            r"|NetDataContractSerializer|SoapFormatter|LosFormatter|ObjectStateFormatter)"
        ),
        harmless=re.compile(r"(?i)(?<!un)safe|permitted|allowed_classes"),
    ),
    Weakness(  # text run as code
        calls=re.compile(
            r"eval|exec|execfile|Function|execScript|create_function|(?:.*\.)?(?:instance_eval"
            r"|class_eval|module_eval|runIn\w*Context|compileFunction)"
        ),
        needs_input=True,
    ),
    Weakness(  # text handed to a shell
        calls=re.compile(
            r"(?:os\.|Kernel\.|posix\.)?(?:system|popen)|(?:commands|subprocess)\.get\w*output"
            r"|shell_exec|passthru|exec|proc_open|pcntl_exec|`|(?:.*\.)?execSync|child_process\.exec"
            r"|IO\.popen|Open3\.\w+"
        ),
        harmless=re.compile(r"(?i)escape|quote"),
        needs_input=True,
        is_command=True,
    ),
    Weakness(  # text put into a page as it is
        calls=re.compile(
            r"(?:.*\.)?(?:insertAdjacentHTML|createContextualFragment|mark_safe|html_safe|SafeString"
            r"|bypassSecurityTrust\w+|trustAsHtml|HtmlString)|document\.writeln?|Markup|raw"
            r"|Html\.Raw|echo|print"
        ),
        names=re.compile(r"innerHTML|outerHTML|srcdoc|dangerouslySetInnerHTML"),
        harmless=re.compile(r"(?i)escape|sanit|purif|encode|bleach|nh3|clean|entit|specialchars"),
        needs_input=True,
    ),
    Weakness(  # a certificate that nobody looks at
        calls=re.compile(r"(?:.*\.)?(?:_create_unverified_context|disable_warnings)"),
        names=re.compile(
            r"CERT_NONE|VERIFY_NONE|NODE_TLS_REJECT_UNAUTHORIZED|InsecureSkipVerify|verify"
            r"|rejectUnauthorized|NoopHostnameVerifier|ALLOW_ALL_HOSTNAME_VERIFIER|check_hostname"
        ),
        harmless=re.compile(r"(?i)true(?!.*(?:skip|insecure))|required"),
    ),
    Weakness(calls=re.compile(r"(?:.*\.)?(?:permit!|to_unsafe_h(?:ash)?)"), needs_input=True),
)  # fmt: skip
SHELLS = frozenset({
    "sh", "bash", "zsh", "dash", "ksh", "cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh",
    "/bin/sh", "/bin/bash", "/usr/bin/sh", "/usr/bin/bash", "/bin/zsh",
})  # fmt: skip
SHELL_OPTIONS = frozenset({"-c", "/c", "/C", "-lc", "-ec", "-Command", "-command"})
SHELL = Setting("shell", "1", is_entry=True)
SPEAKING_OF = frozenset({"if", "elif", "unless", "raise", "throw", "assert", "case", "switch"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """One place where a weakness is written."""

    weakness: Weakness
    name: str
    text: str


def same_weakness(
    hit: Sequence[Unit], old: Sequence[Unit], new: Sequence[Unit], before: Aliases, after: Aliases
) -> Iterator[str]:
    """Give what is newly written and does the harm that the flagged statements did."""
    kinds = {id(use.weakness) for unit in hit for use in _uses(unit, before, frozenset())}
    known = [use for unit in old for use in _uses(unit, before, frozenset())]
    names, texts = {use.name for use in known}, Counter(use.text for use in known)
    made = frozenset(filter(None, (target_of(unit) for unit in new)))
    for use in (use for unit in new for use in _uses(unit, after, made)):
        is_new = not texts[use.text] if use.weakness.is_any else use.name not in names
        texts[use.text] -= 1
        if id(use.weakness) in kinds and is_new:
            yield f"`{use.text[:80]}` has the weakness that the rule looks for."
    yield from _shells(old, new)


def _uses(unit: Unit, aliases: Aliases, made: frozenset[str]) -> Iterator[_Use]:
    """Give the weaknesses in a statement; a name in `made` is a variable's."""
    for weakness in WEAKNESSES:
        if weakness.harmless.search(unit.text):
            continue
        for call in unit.calls:
            parts = aliases.resolve(callee_of(call))
            name = ".".join(parts)
            is_harmless = weakness.needs_input and not _has_input(call, weakness)
            if parts[0] not in made and weakness.calls.fullmatch(name) and not is_harmless:
                yield _Use(weakness=weakness, name=name, text=text_of(call))
        yield from _words(unit, weakness)


def _words(unit: Unit, weakness: Weakness) -> Iterator[_Use]:
    """Give the names and texts of a statement that have a weakness."""
    first = unit.tokens[0]
    if first in PRINTING and weakness.calls.fullmatch(first):
        yield _Use(weakness=weakness, name=first, text=unit.text)
    for name in unit.names if len(unit.names) > 1 or not weakness.needs_input else ():
        if weakness.names.fullmatch(name):
            yield _Use(weakness=weakness, name=name, text=unit.text)
    for literal in literals_of(unit) if first not in SPEAKING_OF else ():
        if weakness.texts.fullmatch(literal):
            yield _Use(weakness=weakness, name=literal, text=literal)


def _has_input(call: Node, weakness: Weakness) -> bool:
    """Say whether anything but a constant goes into a call that takes one text."""
    arguments = arguments_of(call)
    if arguments and arguments[0].type in {"list", "array", "array_creation_expression"}:
        return False
    stack = list((arguments[:1] if weakness.is_command else arguments) or call.children)
    while stack:
        node = stack.pop()
        if node.type in NAMES:
            return True
        stack.extend(node.children)
    return False


def _shells(old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[str]:
    """Give a shell that is started by its own name."""
    known = {literal for unit in old for literal in literals_of(unit)} & SHELLS
    for unit in new if not any(SHELL in settings_of(unit) for unit in old) else ():
        if SHELL in settings_of(unit):
            yield f"`{unit.text[:80]}` asks for a shell."
    for unit in new:
        literals = set(literals_of(unit))
        if (literals & SHELLS) - known and literals & SHELL_OPTIONS and len(unit.names) > 1:
            yield f"`{unit.text[:80]}` starts a shell."
