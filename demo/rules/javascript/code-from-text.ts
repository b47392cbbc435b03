export function price(expression: string, order: unknown) {
  // ruleid: assistant.javascript.code-from-text
  const rule = new Function("order", expression);
  // ruleid: assistant.javascript.code-from-text
  eval(expression);
  // ok: assistant.javascript.code-from-text
  const one = eval("1");
  return rule(order) + one;
}
