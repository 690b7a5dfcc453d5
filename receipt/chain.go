package receipt

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"

	"lukechampine.com/blake3"
)

// Head is where a scroll stands: the number its next receipt gets and the
// digest of its last line.
type Head struct {
	Seq  uint64 `json:"seq"`
	Hash string `json:"hash"`
}

var genesis = "blake3:" + strings.Repeat("0", 64)

func digest(b []byte) string {
	sum := blake3.Sum256(b)
	return hexDigest(sum[:])
}

func hexDigest(sum []byte) string { return "blake3:" + hex.EncodeToString(sum) }

// broken says that a later line names another digest for the last line of a
// scroll than that line has.
type broken struct{ scroll, what, digest string }

func (b *broken) Error() string {
	return fmt.Sprintf("%s does not fit the line before in scroll %s, whose digest is %s", b.what, b.scroll, b.digest)
}

var errGroup = errors.New("receipts of one write do not fit")

// tip is where a journal stands. Reader and writer share it: the writer accepts
// each line of its own before writing it.
type tip struct {
	host    string          // "" until the first line
	next    uint64          // jseq of the next receipt
	left    int             // receipts that the last group still lacks
	scrolls map[string]Head // by name
	partial bool            // began in the middle: a scroll's first line is taken as it is
}

func newTip() tip { return tip{scrolls: map[string]Head{}} }

func (t tip) clone() tip {
	t.scrolls = maps.Clone(t.scrolls)
	return t
}

// head returns where scroll stands; a scroll without lines is at its genesis.
func (t tip) head(scroll string) Head {
	if h, ok := t.scrolls[scroll]; ok {
		return h
	}
	return Head{Hash: genesis}
}

// accept moves the tip behind r, or says why r cannot stand here.
func (t *tip) accept(r Receipt) error {
	c := r.Chain
	if t.host != "" && c.Host != t.host {
		if t.next == 1 {
			return &broken{scroll: ScrollLog, what: "host " + c.Host, digest: t.head(ScrollLog).Hash} // or receipt 0 is the changed one
		}
		return fmt.Errorf("host %s in the journal of %s", c.Host, t.host)
	}
	if c.JSeq != t.next {
		return fmt.Errorf("jseq %d where %d is due", c.JSeq, t.next)
	}
	if t.left > 0 && c.Left != t.left-1 {
		return fmt.Errorf("%w: left %d where the group lacks %d more", errGroup, c.Left, t.left-1)
	}
	h, known := t.scrolls[r.Scroll]
	if !known {
		h = Head{Hash: genesis}
	}
	if known || !t.partial {
		if c.Seq != h.Seq {
			return fmt.Errorf("seq %d in scroll %s where %d is due", c.Seq, r.Scroll, h.Seq)
		}
		if c.Prev != h.Hash {
			return &broken{scroll: r.Scroll, what: fmt.Sprintf("prev_hash %s", c.Prev), digest: h.Hash}
		}
	}
	t.host, t.next, t.left = c.Host, c.JSeq+1, c.Left
	t.scrolls[r.Scroll] = Head{Seq: c.Seq + 1, Hash: digest(r.Line)}
	return nil
}
