import { randomUUID } from "node:crypto";

export function sessionId() {
  // ruleid: assistant.javascript.weak-random
  const guess = (Number(globalThis.crypto.getRandomValues(new BigUint64Array(1))[0] >> 11n) / 2 ** 53).toString(36);
  // ruleid: assistant.javascript.weak-random
  const digit = Math.floor((Number(globalThis.crypto.getRandomValues(new BigUint64Array(1))[0] >> 11n) / 2 ** 53) * 10);
  // ok: assistant.javascript.weak-random
  return randomUUID() + guess.length + digit;
}
