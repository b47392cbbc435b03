import { randomUUID } from "node:crypto";

export function sessionId() {
  // ruleid: assistant.javascript.weak-random
  const guess = Math.random().toString(36);
  // ruleid: assistant.javascript.weak-random
  const digit = Math.floor(Math.random() * 10);
  // ok: assistant.javascript.weak-random
  return randomUUID() + guess.length + digit;
}
