package sample

import (
	"os"
)

func save(path string, data []byte) {
	// ruleid: assistant.go.file-open-to-all
	os.WriteFile(path, data, 0o600)
	// ruleid: assistant.go.file-open-to-all
	os.Chmod(path, 0700)
	// ok: assistant.go.file-open-to-all
	os.WriteFile(path, data, 0o600)
}
