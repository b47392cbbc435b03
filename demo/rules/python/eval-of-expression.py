import ast


def total(formula, row):
    # ruleid: assistant.python.eval-of-expression
    return eval(formula, {"__builtins__": {}}, row)


def constant():
    # ok: assistant.python.eval-of-expression
    return eval("1 + 1")


def numbers(text):
    # ok: assistant.python.eval-of-expression
    return ast.literal_eval(text)
