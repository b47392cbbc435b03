import fs from "node:fs";
import path from "node:path";

import { Router } from "express";

export const media = Router();

const FOLDER = path.resolve(process.env.FERNHILL_MEDIA ?? "/srv/fernhill/media");
const SHEETS: Record<string, string> = {
  fern: "care-fern.pdf",
  monstera: "care-monstera.pdf",
  orchid: "care-orchid.pdf",
};

media.get("/video", (req, res) => {
  const file = path.join(FOLDER, "videos", String(req.query.name));
  res.type("mp4");
  fs.createReadStream(file).pipe(res);
});

media.get("/guides/:name", (req, res) => {
  const wanted = path.resolve(FOLDER, "guides", req.params.name);
  if (!wanted.startsWith(path.join(FOLDER, "guides") + path.sep)) {
    return res.status(404).end();
  }
  return res.sendFile(wanted);
});

media.get("/sheets/:plant", (req, res) => {
  if (!Object.hasOwn(SHEETS, req.params.plant)) {
    return res.status(404).end();
  }
  return res.sendFile(path.join(FOLDER, SHEETS[req.params.plant]));
});
