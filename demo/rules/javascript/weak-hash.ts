import { createHash } from "node:crypto";

export function digest(text: string) {
  // ruleid: assistant.javascript.weak-hash
  createHash("md5").update(text).digest("hex");
  // ok: assistant.javascript.weak-hash
  return createHash("sha256").update(text).digest("hex");
}
