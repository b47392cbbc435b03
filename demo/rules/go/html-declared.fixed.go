package sample

import (
	"html/template"
)

func note(text string) (template.HTML, string) {
	// ruleid: assistant.go.html-declared
	shown := template.HTML(template.HTMLEscapeString(string(text)))
	// ruleid: assistant.go.html-declared
	shown += template.HTML("<b>" + text + "</b>")
	// ok: assistant.go.html-declared
	shown += template.HTML(template.HTMLEscapeString(text))
	// ok: assistant.go.html-declared
	return shown + template.HTML("<hr>"), text
}
