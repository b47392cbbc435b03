export function hello(req: any, res: any) {
  // ruleid: assistant.javascript.html-from-request
  res.send("<p>Hello " + req.query.name + "</p>");
}

export function helloJson(req: any, res: any) {
  // ok: assistant.javascript.html-from-request
  res.json({ name: req.query.name });
}
