import jwt from "jsonwebtoken";

export function issue(id: string) {
  // ruleid: assistant.javascript.jwt-secret-in-code
  jwt.sign({ sub: id }, "example-signing-key");
  // ok: assistant.javascript.jwt-secret-in-code
  return jwt.sign({ sub: id }, process.env.JWT_KEY!);
}
