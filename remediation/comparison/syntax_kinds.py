"""What the syntax nodes of all our grammars are to a proof."""

from triage.languages import IMPORT_NODES, STRING_NODES

# Nodes whose children are statements.
LISTS = frozenset({
    "module", "block", "program", "statement_block", "class_body", "switch_body", "switch_case",
    "switch_default", "constructor_body", "switch_block", "switch_block_statement_group",
    "interface_body", "enum_body", "source_file", "statement_list", "expression_case",
    "default_case", "type_case", "communication_case", "body_statement", "then", "else", "do",
    "ensure", "rescue", "begin", "block_body", "compound_statement", "declaration_list",
    "case_statement", "default_statement", "colon_block", "translation_unit", "preproc_if",
    "preproc_ifdef", "preproc_else", "field_declaration_list", "compilation_unit",
    "switch_section", "control_structure_body", "function_body", "when_entry", "match_block",
    "do_group", "case_item", "statements", "import_list", "import_spec_list",
})  # fmt: skip
# Parts of statements that are worth a look of their own.
CLAUSES = frozenset({
    "elif_clause", "else_clause", "except_clause", "except_group_clause", "finally_clause",
    "case_clause", "catch_clause", "else_if_clause", "elsif", "when", "decorator", "annotation",
    "marker_annotation", "attribute_list", "attribute_item", "match_arm", "catch_block",
    "finally_block", "catch_formal_parameter", "in_clause", "import_spec",
}) - {"catch_formal_parameter"}  # fmt: skip
ANNOTATIONS = frozenset({
    "decorator", "annotation", "marker_annotation", "attribute_list", "attribute_item",
})  # fmt: skip
CALLS = frozenset({
    "call", "call_expression", "new_expression", "method_invocation", "object_creation_expression",
    "function_call_expression", "member_call_expression", "scoped_call_expression",
    "nullsafe_member_call_expression", "invocation_expression", "macro_invocation", "command",
    "subshell", "shell_command_expression", "include_expression", "include_once_expression",
    "require_expression", "require_once_expression", "explicit_constructor_invocation",
})  # fmt: skip
ARGUMENTS = frozenset({
    "arguments", "argument_list", "value_arguments", "token_tree", "call_suffix",
})  # fmt: skip
BLOCK_ARGUMENTS = frozenset({"block", "do_block", "annotated_lambda"})
NAMES = frozenset({
    "identifier", "field_identifier", "property_identifier", "variable_name", "simple_identifier",
    "constant", "name", "package_identifier", "type_identifier", "shorthand_property_identifier",
    "global_variable", "instance_variable", "class_variable", "command_name", "word",
})  # fmt: skip
STRINGS = STRING_NODES | {
    "string_content", "string_fragment", "char_literal", "simple_symbol", "import_path", "regex",
    "string_value", "interpolated_string_expression", "shell_command_expression", "subshell",
    "concatenated_string",
}  # fmt: skip
# Such parts of a text hold no code.
MARKS_OF_TEXT = ("string_", "escape_", "heredoc_", "interpreted_", "raw_", "interpolation_")
IMPORTS = IMPORT_NODES | {
    "import_spec", "import_spec_list", "import_list", "package_clause", "future_import_statement",
    "preproc_def", "extern_crate_declaration", "namespace_use_clause",
}  # fmt: skip
# Lists that are branches at once.
CLAUSE_LISTS = frozenset({
    "switch_case", "switch_default", "expression_case", "default_case", "type_case",
    "communication_case", "rescue", "ensure", "else", "case_statement", "default_statement",
    "preproc_if", "preproc_ifdef", "preproc_else", "switch_section", "when_entry", "case_item",
    "switch_block_statement_group", "import_spec_list",
})  # fmt: skip
