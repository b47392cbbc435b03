package sample

import (
	"net/http"
	"os"
	"path/filepath"
)

func download(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	// ruleid: assistant.go.path-from-request
	os.ReadFile(filepath.Join("/srv/files", name))
	// ok: assistant.go.path-from-request
	os.ReadFile(filepath.Join("/srv/files", filepath.Base(name)))
}
