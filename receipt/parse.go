package receipt

import (
	"fmt"
	"time"
)

// Parse reads one line (without its newline). It accepts only the canonical
// form within the profile of FORMAT.md and checks root_hash; the chain is for
// Verify. The Receipt keeps line.
func Parse(line []byte) (Receipt, error) {
	r, err := parse(line)
	if err != nil {
		return Receipt{}, err
	}
	if want := digest(r.Body); r.Root != want {
		return Receipt{}, fmt.Errorf("root_hash: the body's digest is %s", want)
	}
	return r, nil
}

// parse is Parse but for the digest of the body, which costs as much as the rest.
func parse(line []byte) (Receipt, error) {
	if len(line) > MaxLine {
		return Receipt{}, fmt.Errorf("longer than %d bytes", MaxLine)
	}
	c := cursor{b: line}
	r := Receipt{Line: line}
	c.lit(`{"body":`)
	from := c.i
	if c.i < len(line) && line[c.i] != '{' {
		c.fail("the body is not an object")
	}
	c.value(0)
	r.Body = line[from:c.i]
	c.lit(`,"chain":{"host":`)
	r.Chain.Host = c.word(isHost)
	c.lit(`,"jseq":`)
	r.Chain.JSeq = c.uint()
	if c.try(`,"left":`) {
		r.Chain.Left = int(c.uint())
		if r.Chain.Left == 0 {
			c.fail("left is 0")
		}
	}
	c.lit(`,"prev_hash":`)
	r.Chain.Prev = c.word(isHash)
	c.lit(`,"seq":`)
	r.Chain.Seq = c.uint()
	c.lit(`},"root_hash":`)
	r.Root = c.word(isHash)
	c.lit(`,"schema_version":"` + schemaVersion + `","scroll":`)
	r.Scroll = c.word(isScroll)
	c.lit(`,"tags":[`)
	for !c.try("]") && c.err == nil {
		if len(r.Tags) > 0 {
			c.lit(",")
		}
		r.Tags = append(r.Tags, c.word(isTag))
	}
	c.lit(`,"timestamp":`)
	stamp := c.word(nil)
	c.lit(`,"type":`)
	r.Type = c.word(isName)
	c.lit("}")
	if c.err == nil && c.i != len(line) {
		c.fail("something follows")
	}
	if c.err != nil {
		return Receipt{}, fmt.Errorf("not canonical: byte %d: %w", c.i+1, c.err)
	}
	if len(r.Tags) > maxTags {
		return Receipt{}, fmt.Errorf("more than %d tags", maxTags)
	}
	t, err := time.Parse(stampLayout, stamp)
	if err != nil || t.Format(stampLayout) != stamp {
		return Receipt{}, fmt.Errorf("timestamp %q is not of the form %s", stamp, stampLayout)
	}
	r.Time = t
	return r, nil
}
