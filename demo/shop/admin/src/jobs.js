const { exec } = require("node:child_process");

const { Router } = require("express");

const jobs = Router();

const COMMANDS = {
  reindex: "systemctl start fernhill-reindex.service",
  thumbnails: "systemctl start fernhill-thumbnails.service",
  "clear-cache": "rm -rf /srv/fernhill/cache/pages",
};

jobs.post("/run/:name", (req, res) => {
  if (!Object.hasOwn(COMMANDS, req.params.name)) {
    res.status(404).json({ error: "no such job" });
    return;
  }
  exec(COMMANDS[req.params.name], (error, output) => {
    res.status(error ? 500 : 200).json({ output });
  });
});

jobs.post("/shrink", (req, res) => {
  const { folder, width } = req.body;
  exec(`mogrify -resize ${width} /srv/fernhill/pictures/${folder}/*.jpg`, (error, _output, log) => {
    res.status(error ? 500 : 200).json({ log });
  });
});

module.exports = { jobs };
