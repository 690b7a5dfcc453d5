package receipt

import (
	"encoding/hex"

	"lukechampine.com/blake3"
)

// Keyed is a BLAKE3 digest under this host's key, as blake3-keyed:HEX. Receipts
// may carry it for things that hold secrets: without the key nobody can try
// out guesses. The nil Redactor has no key; its digests are plain ones.
func (r *Redactor) Keyed(data []byte) string {
	if r == nil {
		return digest(data)
	}
	h := blake3.New(32, r.key)
	h.Write(data) // never fails
	return "blake3-keyed:" + hex.EncodeToString(h.Sum(nil))
}
