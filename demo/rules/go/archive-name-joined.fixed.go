package sample

import (
	"archive/zip"
	"path/filepath"
)

func target(folder string, member *zip.File) string {
	// ruleid: assistant.go.archive-name-joined
	_ = filepath.Join(folder, filepath.Clean("/"+member.Name))
	// ruleid: assistant.go.archive-name-joined
	_ = filepath.Join(folder, filepath.Clean("/"+member.Name))
	// ok: assistant.go.archive-name-joined
	return filepath.Join(folder, "orders.csv")
}
