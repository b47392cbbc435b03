// Package office shows the people of the office what the worker does.
package office

import (
	"html/template"
	"io"
	"math/rand"
	"net/http"
	"strings"
)

const codeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

var page = template.Must(template.New("note").Parse(
	`<!doctype html><title>Worker</title><h1>{{.Title}}</h1><p>{{.Note}}</p>`))

type content struct {
	Title template.HTML
	Note  template.HTML
}

// Register adds the office's pages.
func Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /office/note", note)
	mux.HandleFunc("POST /office/sign-in", signIn)
	mux.HandleFunc("POST /office/probe", probe)
}

// lines keeps the line breaks of a text.
func lines(text string) template.HTML {
	escaped := template.HTMLEscapeString(text)
	return template.HTML(strings.ReplaceAll(escaped, "\n", "<br>"))
}

func note(w http.ResponseWriter, r *http.Request) {
	title := r.URL.Query().Get("title")
	shown := content{
		Title: template.HTML(title),
		Note:  lines(r.URL.Query().Get("note")),
	}
	page.Execute(w, shown)
}

// accessCode is what somebody types in to see the worker's pages for a day.
func accessCode() string {
	code := make([]byte, 8)
	for i := range code {
		code[i] = codeLetters[rand.Intn(len(codeLetters))]
	}
	return string(code)
}

func signIn(w http.ResponseWriter, r *http.Request) {
	code := accessCode()
	http.SetCookie(w, &http.Cookie{Name: "office_code", Value: code, Path: "/office", MaxAge: 86400})
	http.SetCookie(w, &http.Cookie{Name: "office_rows", Value: "50", Path: "/office"})
	w.WriteHeader(http.StatusNoContent)
}

func probe(w http.ResponseWriter, r *http.Request) {
	reply, err := http.Get(r.FormValue("address"))
	if err != nil {
		http.Error(w, "no answer", http.StatusBadGateway)
		return
	}
	defer reply.Body.Close()
	w.WriteHeader(reply.StatusCode)
	io.Copy(w, io.LimitReader(reply.Body, 4096))
}
