"""Which grammar reads which file, and what its syntax nodes are to us."""

import functools
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

import tree_sitter_bash
import tree_sitter_c
import tree_sitter_c_sharp
import tree_sitter_cpp
import tree_sitter_go
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_kotlin
import tree_sitter_php
import tree_sitter_python
import tree_sitter_ruby
import tree_sitter_rust
import tree_sitter_typescript
from tree_sitter import Language

_GRAMMARS: Mapping[str, Callable[[], object]] = {
    "bash": tree_sitter_bash.language,
    "c": tree_sitter_c.language,
    "csharp": tree_sitter_c_sharp.language,
    "cpp": tree_sitter_cpp.language,
    "go": tree_sitter_go.language,
    "java": tree_sitter_java.language,
    "javascript": tree_sitter_javascript.language,
    "kotlin": tree_sitter_kotlin.language,
    "php": tree_sitter_php.language_php,
    "python": tree_sitter_python.language,
    "ruby": tree_sitter_ruby.language,
    "rust": tree_sitter_rust.language,
    "tsx": tree_sitter_typescript.language_tsx,
    "typescript": tree_sitter_typescript.language_typescript,
}
_BY_EXTENSION: Mapping[str, str] = {
    ".bash": "bash", ".sh": "bash",
    ".c": "c", ".h": "c",
    ".cs": "csharp",
    ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".hh": "cpp", ".hpp": "cpp",
    ".go": "go",
    ".java": "java",
    ".cjs": "javascript", ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript",
    ".kt": "kotlin", ".kts": "kotlin",
    ".php": "php",
    ".py": "python", ".pyi": "python", ".pyw": "python",
    ".rake": "ruby", ".rb": "ruby",
    ".rs": "rust",
    ".tsx": "tsx",
    ".cts": "typescript", ".mts": "typescript", ".ts": "typescript",
}  # fmt: skip

FUNCTION_NODES = frozenset({
    "anonymous_function", "arrow_function", "closure_expression", "compact_constructor_declaration",
    "constructor_declaration", "func_literal", "function_declaration", "function_definition",
    "function_expression", "function_item", "generator_function", "generator_function_declaration",
    "lambda", "lambda_expression", "lambda_literal", "local_function_statement", "method",
    "method_declaration", "method_definition", "secondary_constructor", "singleton_method",
})  # fmt: skip
# Small functions inside an expression: the function around them says more to a judge.
INLINE_FUNCTION_NODES = frozenset({
    "arrow_function", "closure_expression", "func_literal", "function_expression", "lambda",
    "lambda_expression", "lambda_literal", "anonymous_function",
})  # fmt: skip
CLASS_NODES = frozenset({
    "class", "class_declaration", "class_definition", "class_specifier", "enum_declaration",
    "impl_item", "interface_declaration", "object_declaration", "record_declaration",
    "struct_specifier", "trait_item",
})  # fmt: skip
IMPORT_NODES = frozenset({
    "import", "import_declaration", "import_from_statement", "import_header", "import_statement",
    "namespace_use_declaration", "preproc_include", "use_declaration", "using_directive",
})  # fmt: skip
STRING_NODES = frozenset({
    "char_literal", "character_literal", "encapsed_string", "heredoc_body",
    "interpreted_string_literal", "line_string_literal", "multiline_string_literal",
    "raw_string_literal", "raw_string", "rune_literal", "string", "string_literal",
    "template_string", "verbatim_string_literal", "ansi_c_string", "nowdoc_body",
})  # fmt: skip
INTERPOLATION_NODES = frozenset({
    "interpolation", "template_substitution", "command_substitution", "expansion",
    "simple_expansion", "string_interpolation", "interpolated_expression",
})  # fmt: skip


def language_of(path: str) -> str | None:
    """Return the name of the grammar for a path, by its extension; None where there is none."""
    return _BY_EXTENSION.get(PurePosixPath(path).suffix.lower())


@functools.cache
def grammar(language: str) -> Language:
    """Return the grammar of a language that `language_of` named."""
    return Language(_GRAMMARS[language]())
