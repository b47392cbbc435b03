package sample

import (
	"net/http"
)

func remember(w http.ResponseWriter, id string) {
	// ruleid: assistant.go.cookie-without-flags
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id})
	// ok: assistant.go.cookie-without-flags
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id, Secure: true, HttpOnly: true})
}
