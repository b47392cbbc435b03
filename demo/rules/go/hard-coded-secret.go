package sample

import (
	"os"
)

// ruleid: assistant.go.hard-coded-secret
const gatewaySecret = "example-gateway-secret"

// ok: assistant.go.hard-coded-secret
var gatewayToken = os.Getenv("GATEWAY_TOKEN")
