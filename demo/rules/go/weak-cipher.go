package sample

import (
	"crypto/aes"
	"crypto/des"
)

func seal(key []byte) {
	// ruleid: assistant.go.weak-cipher
	des.NewCipher(key)
	// ok: assistant.go.weak-cipher
	aes.NewCipher(key)
}
