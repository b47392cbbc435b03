export function matcher(text: string) {
  // ruleid: assistant.javascript.regex-from-text
  const search = new RegExp(text, "i");
  // ok: assistant.javascript.regex-from-text
  return [search, new RegExp("^[a-z]+$", "i")];
}
