export function remember(res: any, id: string) {
  // ruleid: assistant.javascript.cookie-without-flags
  res.cookie("session", id);
  // ok: assistant.javascript.cookie-without-flags
  res.cookie("session", id, { httpOnly: true, secure: true, sameSite: "lax" });
}
