"""What is known of weaknesses, untrusted sources and the functions that make a value harmless."""

import enum
import re
from collections.abc import Iterable


class Family(enum.Enum):
    """Weaknesses that are judged alike."""

    SQL = "an SQL statement"
    COMMAND = "a command line"
    CROSS_SITE = "a page"
    PATH = "a file path"
    CODE = "code that is run"
    DESERIALIZATION = "a deserializer"
    REQUEST = "the address of a request"
    REDIRECT = "a redirect"
    DIRECTORY = "an LDAP query"
    XPATH = "an XPath query"
    REFLECTION = "the choice of a class"
    WEAK_CRYPTO = "weak cryptography"
    RANDOMNESS = "a predictable random number"
    COOKIE = "the flags of a cookie"
    TRANSPORT = "an unchecked connection"
    XML = "an XML parser"
    SETTING = "an unsafe setting"
    UNKNOWN = ""


INJECTIONS = frozenset({
    Family.SQL, Family.COMMAND, Family.CROSS_SITE, Family.PATH, Family.CODE,
    Family.DESERIALIZATION, Family.REQUEST, Family.REDIRECT, Family.DIRECTORY, Family.XPATH,
    Family.REFLECTION,
})  # fmt: skip
# The match is the weakness itself: no value has to reach it.
STANDING = frozenset({Family.WEAK_CRYPTO, Family.COOKIE, Family.TRANSPORT, Family.SETTING})

_FAMILIES: dict[Family, tuple[int, ...]] = {
    Family.SQL: (89, 564, 943),
    Family.COMMAND: (77, 78, 88),
    Family.CROSS_SITE: (79, 80, 83, 87, 116),
    Family.PATH: (22, 23, 35, 36, 73),
    Family.CODE: (94, 95, 96, 1336),
    Family.DESERIALIZATION: (502,),
    Family.REQUEST: (918,),
    Family.REDIRECT: (601,),
    Family.DIRECTORY: (90,),
    Family.XPATH: (91, 643),
    Family.REFLECTION: (470,),
    Family.WEAK_CRYPTO: (261, 310, 326, 327, 328, 329, 696, 780, 916),
    Family.RANDOMNESS: (330, 335, 337, 338, 340),
    Family.COOKIE: (614, 1004, 1275),
    Family.TRANSPORT: (295, 297, 319, 322),
    Family.XML: (611, 776, 827),
    Family.SETTING: (215, 352, 489, 732, 942, 1188),
}


def cwe_numbers(metadata: dict[str, object]) -> list[int]:
    """Return the CWE numbers in a rule's metadata, in its order."""
    entries = metadata.get("cwe") or []
    texts: Iterable[object] = entries if isinstance(entries, list) else [entries]
    return [int(found[1]) for text in texts if (found := re.search(r"CWE-(\d{1,5})", str(text)))]


def family_of(metadata: dict[str, object]) -> Family:
    """Return the family of a rule by its CWEs; UNKNOWN when they point to two families."""
    families = {
        family
        for number in cwe_numbers(metadata)
        for family, numbers in _FAMILIES.items()
        if number in numbers
    }
    return families.pop() if len(families) == 1 else Family.UNKNOWN


# What a stranger writes, in the words of the web frameworks.
UNTRUSTED = re.compile(
    r"""
    \brequest\.(?:args|form|values|cookies|headers|json|data|files|GET|POST|COOKIES|META|FILES|body
        |query_params|get_json|get_data|query_string|path|full_path|url|stream|path_params
        |match_info|environ|query|params|originalUrl|param)\b
    |\b(?:req|ctx|ctx\.request)\.(?:query|body|params|headers|cookies|url|originalUrl|path|param|file
        |files|header)\b
    |\b(?:window\.|document\.)?location\.(?:hash|search|href|pathname)\b
    |\bdocument\.(?:URL|documentURI|referrer|cookie)\b
    |\b(?i:req|request|httprequest|servletrequest|getRequest\(\))\.(?:getParameter|getParameterValues
        |getParameterMap|getParameterNames|getHeader|getHeaders|getQueryString|getCookies
        |getRequestURI|getRequestURL|getPathInfo|getReader|getInputStream|getPart)\b
    |\br(?:eq|equest)?\.(?:URL|FormValue|PostFormValue|Form|PostForm|Header|Body|Cookie|Cookies
        |RequestURI|PathValue)\b
    |\bc\.(?:Query|Param|PostForm|GetHeader|FormValue|QueryParam|Params|DefaultQuery|Cookie)\b
    |\bmux\.Vars\b|\bchi\.URLParam\b
    |\$_(?:GET|POST|REQUEST|COOKIE|FILES)\b
    """,
    re.VERBOSE,
)

_NUMERIC = r"""
    ^(?:int|float|len|range|uuid\.UUID|UUID|Decimal|decimal\.Decimal)$
    |^(?:Number|parseInt|parseFloat|BigInt|Number\.parseInt|Number\.parseFloat)$
    |^(?:Integer|Long|Short|Byte|Double|Float)\.(?:parse\w+|valueOf)$|^UUID\.fromString$
    |^Boolean\.(?:parseBoolean|valueOf)$|^Math\.\w+$
    |^strconv\.(?:Atoi|ParseInt|ParseUint|ParseFloat|ParseBool|Itoa|FormatInt)$|^uuid\.(?:Must)?Parse$
"""
_CLEANERS: dict[Family, str] = {
    Family.COMMAND: r"^(?:shlex|pipes)\.(?:quote|join)$|^escapeshellarg$|^Shellwords\.escape$",
    Family.CROSS_SITE: r"""
        ^(?:html|markupsafe|flask|cgi|he|_|lodash|validator)\.escape$|^he\.encode$
        |^(?:django\.utils\.)?html\.(?:escape|conditional_escape)$|^conditional_escape$
        |^(?:bleach|nh3)\.clean$|^DOMPurify\.sanitize$|^sanitizeHtml$
        |^StringEscapeUtils\.escapeHtml[34]?$|^HtmlUtils\.htmlEscape$
        |^Encode\.forHtml(?:Content|Attribute)?$|^ESAPI\.encoder\(\)\.encodeForHTML$
        |^html\.EscapeString$|^template\.HTMLEscapeString$|^html(?:specialchars|entities)$
        """,
    Family.PATH: r"""
        ^(?:werkzeug\.utils\.)?secure_filename$|^os\.path\.basename$|^path\.basename$
        |^(?:path\.posix|path\.win32)\.basename$|^filepath\.Base$|^FilenameUtils\.getName$
        """,
    Family.SQL: r"^(?:psycopg2?\.)?sql\.(?:Identifier|Literal)$|^mysql2?\.(?:escape|escapeId)$",
    Family.DIRECTORY: r"""
        ^(?:ldap\.filter\.|ldap3\.utils\.conv\.)?escape_filter_chars$|^Encode\.forLdap$
        |^ESAPI\.encoder\(\)\.encodeForLDAP$|^LdapEncoder\.filterEncode$|^ldap\.EscapeFilter$
        """,
    Family.XPATH: r"^ESAPI\.encoder\(\)\.encodeForXPath$|^StringEscapeUtils\.escapeXml(?:1[01])?$",
    Family.REDIRECT: r"^(?:flask\.)?url_for$|^\.?reverse$",
}
# Where a value does harm. A match of another call is taken for a value that goes somewhere else.
SINKS: dict[Family, str] = {
    Family.SQL: r"""
        (?:^|\.)(?:execute\w*|query\w*|Query\w*|Exec|ExecContext|raw|RawSQL|extra|prepare|Prepare\w*
        |prepareStatement|prepareCall|createQuery|createNativeQuery|createStatement|addBatch|all|run
        |each|text|read_sql\w*|fetch\w*)$
        """,
    Family.COMMAND: r"""
        ^os\.(?:system|popen\w*|exec\w+|spawn\w+)$|^(?:subprocess|commands)\.\w+$|^(?:Popen|call|run
        |check_output|check_call|exec|execSync|execFile|execFileSync|spawn|spawnSync|system|popen)$
        |(?:^|\.)(?:exec|execSync|execFile|execFileSync|spawn|spawnSync|exec_command|command|start)$
        |^exec\.Command(?:Context)?$|^new\ ProcessBuilder$|^asyncio\.create_subprocess_\w+$
        """,
    Family.CROSS_SITE: r"""
        (?:^|\.)(?:make_response|Response|HttpResponse|send|write|writeln|print|println|printf|format
        |append|html|Markup|mark_safe|render_template_string|end|insertAdjacentHTML|HTML|Fprintf
        |Fprint|WriteString)$
        """,
    Family.PATH: r"""
        (?:^|\.)(?:open|send_file|send_from_directory|join|Join|read\w*|Read\w*|write\w*|Write\w*
        |append\w*|create\w*|Create\w*|unlink\w*|remove\w*|Remove\w*|rm\w*|stat\w*|Stat|access\w*
        |exists\w*|mkdir\w*|sendFile|download|rename\w*|copy\w*|Open\w*|ServeFile|extract\w*
        |listdir|rmtree)$|^Paths\.get$|^Path\.of$|^new\ (?:File\w*|java\.io\.File\w*
        |PrintWriter|RandomAccessFile)$
        """,
    Family.CODE: r"""
        (?:^|\.)(?:eval|exec|compile|setTimeout|setInterval|runInContext|runInNewContext|execScript
        |render_template_string|Template|from_string|parseExpression)$
        |^new\ (?:Function|vm\.Script|Template)$|^Function$|^runIn\w+$
        """,
    Family.DESERIALIZATION: r"(?:^|\.)(?:load\w*|Unpickler|decode|unserialize|readObject|fromXML)$",
    Family.REQUEST: r"""
        ^(?:requests|httpx|session|axios|got|superagent|http|https|urllib3?|client|needle|request)
        (?:\.request)?\.(?:\w+)$|^(?:axios|fetch|got|needle|request|urlopen)$|\.urlopen$
        |^http\.NewRequest\w*$|^new\ URL$
        """,
    Family.REDIRECT: r"""
        (?:^|\.)(?:redirect\w*|Redirect|HttpResponseRedirect|sendRedirect|location)$
        """,
    Family.DIRECTORY: r"(?:^|\.)(?:search\w*|modify\w*|Search\w*|NewSearchRequest|lookup)$",
    Family.XPATH: r"(?:^|\.)(?:xpath|evaluate|compile|select\w*|find\w*|XPath|parse)$",
    Family.REFLECTION: r"""
        (?:^|\.)(?:forName|loadClass|getattr|import_module|__import__|invoke|newInstance)$
        """,
}
NUMBERS_DO_NOT_HELP = frozenset({
    Family.REQUEST, Family.REDIRECT, Family.CODE, Family.DESERIALIZATION, Family.REFLECTION,
})  # fmt: skip
# A bare name counts only when it is imported from one of these modules.
_HOMES = {
    "url_for": ("flask", r"flask|quart"),
    "reverse": ("", r"django\.urls|django\.core|rest_framework"),
    "quote": ("shlex", r"shlex|pipes"),
    "escape": ("html", r"\bhtml\b|markupsafe|flask|lodash|validator"),
    "clean": ("bleach", r"bleach|nh3"),
    "basename": ("os.path", r"os\.path|[\"']path[\"']|node:path"),
    "escape_filter_chars": ("ldap.filter", r"ldap"),
    "secure_filename": ("werkzeug.utils", r"werkzeug"),
    "UUID": ("uuid", r"uuid"),
    "text": ("sqlalchemy", r"sqlalchemy"),
}


# What an import must look like for a module's name to mean that module.
_MODULES = {
    "html": r"^import html\b|^from (?:django\.utils|markupsafe) import .*\bhtml\b|\"html\"",
    "shlex": r"^import (?:\w+, *)*shlex\b",
    "bleach": r"^import (?:\w+, *)*bleach\b",
    "nh3": r"^import (?:\w+, *)*nh3\b",
    "path": r"[\"'](?:node:)?path[\"']",
    "os": r"^(?:import (?:\w+, *)*os\b)",
    "yaml": r"^import (?:\w+, *)*(?:ruamel\.)?yaml\b",
}
_PLAIN_IMPORTS = frozenset({
    "BytesIO", "StringIO", "Path", "PurePath", "Markup", "Decimal", "UUID", "sanitizeHtml",
    "conditional_escape", "escapeshellarg", "htmlspecialchars", "get", "text",
})  # fmt: skip


def full_name(callee: str, *, imports: str, imported: frozenset[str]) -> str:
    """Return the name of a function with its module, where a bare name was imported from it.

    `imports` is the text of the file's import statements; blank: a name that needs its module
    and has none.
    """
    root = callee.split(".", 1)[0]
    if (
        root in _MODULES
        and root in imported
        and not re.search(_MODULES[root], imports, re.MULTILINE)
    ):
        return ""
    if callee not in _HOMES:
        is_strange = "." not in callee and callee in imported and callee not in _PLAIN_IMPORTS
        return "" if is_strange else callee
    module, pattern = _HOMES[callee]
    is_at_home = callee in imported and re.search(pattern, imports) is not None
    return f"{module}.{callee}" if is_at_home else ""


def neutralizes(name: str, *, family: Family) -> bool:
    """Say whether a function's value is harmless to `family`, whatever its arguments."""
    if not name:
        return False
    if family not in NUMBERS_DO_NOT_HELP and is_number_maker(name):
        return True
    pattern = _CLEANERS.get(family, "")
    return bool(pattern and re.search(pattern, name, re.VERBOSE))


def is_number_maker(name: str) -> bool:
    """Say whether a function's value is a number or the like, whatever its arguments."""
    return re.search(_NUMERIC, name, re.VERBOSE) is not None


def keeps_form(callee: str) -> bool:
    """Say whether a call leaves an escaped text escaped: it decodes, cuts and replaces nothing."""
    return _KEEPS_FORM.search(callee) is not None


def is_sink(callee: str, family: Family) -> bool:
    """Say whether a call of this name is where a value of the family does its harm."""
    pattern = SINKS.get(family, "")
    return bool(pattern and re.search(pattern, callee, re.VERBOSE))


# Methods whose value is made of their receiver and arguments and nothing else.
PROPAGATING_METHODS = re.compile(
    r"""
    \.(?:format|join|strip|lstrip|rstrip|lower|upper|title|capitalize|replace|replaceAll|encode
    |decode|split|rsplit|splitlines|partition|ljust|rjust|zfill|casefold|translate|removeprefix
    |removesuffix|trim|trimStart|trimEnd|toLowerCase|toUpperCase|substring|substr|slice|concat
    |toString|repeat|padStart|padEnd|charAt|getBytes|intern|keys|values|items|copy|get|getOrDefault
    |append|toArray|stream|at|pop|entries|resolve|normalize|toCharArray|reverse|getValue|hex)$
    """,
    re.VERBOSE,
)
# Functions, by their full name, whose value is made of their arguments and nothing else.
PROPAGATING_FUNCTIONS = re.compile(
    r"""
    ^(?:str|bytes|bytearray|list|tuple|set|frozenset|dict|sorted|repr|enumerate|zip|reversed|String
    |append|string|Path|pathlib\.Path|PurePath|os\.path\.(?:join|normpath|abspath|realpath)
    |path\.(?:join|resolve|normalize|Join|Clean)|filepath\.(?:Join|Clean|Abs)
    |Paths\.get|Path\.of|Set\.of|List\.of|Map\.of|Arrays\.asList|String\.(?:valueOf|format|join)
    |fmt\.Sprintf?|strings\.(?:TrimSpace|ToLower|ToUpper|Replace|ReplaceAll|Trim|Join|Split)
    |io\.(?:BytesIO|StringIO)|BytesIO|StringIO|Buffer\.from|sqlalchemy\.text
    |json\.(?:loads|dumps)|JSON\.(?:parse|stringify)|Object\.(?:freeze|keys|values|entries)
    |Array\.from|Markup|markupsafe\.Markup|base64\.\w+|html\.unescape
    |urllib\.parse\.(?:unquote|unquote_plus|quote|quote_plus)|decodeURIComponent|decodeURI
    |copy\.(?:copy|deepcopy)|structuredClone)$
    |^new\ (?:String|File|Set|Map|HashSet|ArrayList|HashMap|StringBuilder|StringBuffer
    |URL|URI|BytesIO|Array|LinkedList|LinkedHashSet)(?:<.*>)?$
    """,
    re.VERBOSE,
)
_KEEPS_FORM = re.compile(
    r"(?:^|\.)(?:str|list|tuple|set|dict|String|string|append|Path|PurePath|join|Join|format|Sprintf?"
    r"|concat|toString|copy|get|getOrDefault|keys|values|items|valueOf|asList|of|normpath|abspath"
    r"|realpath|resolve|normalize|Clean|Abs|lower|upper|toLowerCase|toUpperCase|encode|getBytes"
    r"|Markup|text|freeze|toRealPath|strip|trim)$"
    r"|^new (?:String|File|Set|Map|HashSet|ArrayList|HashMap|StringBuilder|StringBuffer)(?:<.*>)?$"
)
_SOUNDS_LIKE_A_CHECK = re.compile(
    r"valid|sanit|clean|escape|allow|verif|safe|filter|check|permit|white|normali[sz]e|quote|trust",
    re.IGNORECASE,
)


def sounds_like_a_check(callee: str) -> bool:
    """Say whether a function's name promises to check or clean something."""
    return _SOUNDS_LIKE_A_CHECK.search(callee.rsplit(".", 1)[-1]) is not None
