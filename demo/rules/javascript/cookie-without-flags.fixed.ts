export function remember(res: any, id: string) {
  // ruleid: assistant.javascript.cookie-without-flags
  res.cookie("session", id);
  // ruleid: assistant.javascript.cookie-without-flags
  res.cookie("session", id, { httpOnly: true, secure: true, maxAge: 3600 * 1000, sameSite: "lax" });
  // ruleid: assistant.javascript.cookie-without-flags
  res.status(201).cookie("session", id, { httpOnly: true, secure: true,
    maxAge: 3600 * 1000,
  });
  // ruleid: assistant.javascript.cookie-without-flags
  res.cookie("session", id, { secure: false });
  // ok: assistant.javascript.cookie-without-flags
  res.cookie("session", id, { httpOnly: true, secure: true, sameSite: "lax" });
}
