import jwt from "jsonwebtoken";

export function subject(token: string, key: string) {
  // ruleid: assistant.javascript.jwt-decoded-only
  jwt.decode(token);
  // ok: assistant.javascript.jwt-decoded-only
  return jwt.verify(token, key, { algorithms: ["HS256"] });
}
