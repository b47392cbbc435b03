package exports

import (
	"archive/zip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

const largestArchive = 32 << 20

func (d doors) unpack(w http.ResponseWriter, r *http.Request) {
	upload, header, err := r.FormFile("archive")
	if err != nil {
		http.Error(w, "archive is missing", http.StatusBadRequest)
		return
	}
	defer upload.Close()
	if header.Size > largestArchive {
		http.Error(w, "archive is too large", http.StatusRequestEntityTooLarge)
		return
	}
	archive, err := zip.NewReader(upload, header.Size)
	if err != nil {
		http.Error(w, "no archive", http.StatusBadRequest)
		return
	}
	extract := extractReceipts
	if r.FormValue("kind") == "statements" {
		extract = extractStatements
	}
	if err := extract(archive, filepath.Join(folder, "incoming")); err != nil {
		http.Error(w, "not unpacked", http.StatusInternalServerError)
	}
}

func extractReceipts(archive *zip.Reader, target string) error {
	for _, member := range archive.File {
		path := filepath.Join(target, member.Name)
		if err := save(member, path); err != nil {
			return err
		}
	}
	return nil
}

func extractStatements(archive *zip.Reader, target string) error {
	inside := filepath.Clean(target) + string(os.PathSeparator)
	for _, entry := range archive.File {
		path := filepath.Join(target, entry.Name)
		if !strings.HasPrefix(path, inside) {
			return fmt.Errorf("%q would leave the folder", entry.Name)
		}
		if err := save(entry, path); err != nil {
			return err
		}
	}
	return nil
}

func save(member *zip.File, path string) error {
	if member.FileInfo().IsDir() {
		return os.MkdirAll(path, 0o700)
	}
	source, err := member.Open()
	if err != nil {
		return err
	}
	defer source.Close()
	data, err := io.ReadAll(io.LimitReader(source, largestArchive))
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}
