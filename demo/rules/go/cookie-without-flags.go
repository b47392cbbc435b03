package sample

import (
	"net/http"
)

func remember(w http.ResponseWriter, id string) {
	// ruleid: assistant.go.cookie-without-flags
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id})
	// ruleid: assistant.go.cookie-without-flags
	cookie := http.Cookie{
		Name:  "session",
		Value: id,
	}
	http.SetCookie(w, &cookie)
	// ruleid: assistant.go.cookie-without-flags
	http.SetCookie(w, &http.Cookie{Name: "theme", Value: id, Secure: false})
	// ok: assistant.go.cookie-without-flags
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id, Secure: true, HttpOnly: true})
}
