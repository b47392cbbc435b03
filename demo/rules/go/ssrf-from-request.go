package sample

import (
	"net/http"
)

func probe(w http.ResponseWriter, r *http.Request) {
	// ruleid: assistant.go.ssrf-from-request
	http.Get(r.FormValue("url"))
	// ok: assistant.go.ssrf-from-request
	http.Get("https://rates.example.com/eur")
}
