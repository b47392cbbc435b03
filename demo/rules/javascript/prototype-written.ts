export function assign(target: any, source: any) {
  for (const key of Object.keys(source)) {
    // ruleid: assistant.javascript.prototype-written
    target[key] = source[key];
  }
  // ok: assistant.javascript.prototype-written
  return { ...target, ...source };
}
