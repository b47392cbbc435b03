package sample

import (
	"os/exec"
)

func pack(name string) {
	// ruleid: assistant.go.shell-command-built
	exec.Command("sh", "-c", "gzip "+name).Run()
	// ok: assistant.go.shell-command-built
	exec.Command("sh", "-c", "uptime").Run()
	// ok: assistant.go.shell-command-built
	exec.Command("gzip", "--", name).Run()
}
