import { exec, execFile } from "node:child_process";

export function resize(path: string) {
  // ruleid: assistant.javascript.shell-command-built
  exec(`convert ${path} -resize 640 out.png`);
  // ok: assistant.javascript.shell-command-built
  exec("uptime");
  // ok: assistant.javascript.shell-command-built
  execFile("convert", [path, "-resize", "640", "out.png"]);
}
