export function back(req: any, res: any) {
  // ruleid: assistant.javascript.redirect-from-request
  res.redirect(req.query.next);
}

export function home(req: any, res: any) {
  // ok: assistant.javascript.redirect-from-request
  res.redirect(303, "/home");
}
