package exports

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
)

var monthName = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)

func (d doors) download(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Disposition", "attachment")
	io.Copy(w, file)
}

func (d doors) month(w http.ResponseWriter, r *http.Request) {
	month := r.PathValue("month")
	if !monthName.MatchString(month) {
		http.NotFound(w, r)
		return
	}
	data, err := os.ReadFile(filepath.Join(folder, "months", month+".csv"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/csv")
	w.Write(data)
}
