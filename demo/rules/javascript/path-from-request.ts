import fs from "node:fs";
import path from "node:path";

export function media(req: any, res: any) {
  // ruleid: assistant.javascript.path-from-request
  fs.createReadStream(path.join("/srv/media", req.params.name)).pipe(res);
}

export function sheet(req: any, res: any) {
  // ruleid: assistant.javascript.path-from-request
  res.sendFile(path.join("/srv/sheets", req.params.name));
}

export function clean(req: any, res: any) {
  // ok: assistant.javascript.path-from-request
  res.sendFile(path.join("/srv/sheets", path.basename(req.params.name)));
}
