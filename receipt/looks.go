package receipt

import "strings"

// looks are what a text has of what the rules for secrets need. Without it they
// cannot match, and finding it out takes one pass over the text.
type looks uint16

const (
	hasShape   looks = 1 << iota // the beginning of a known token
	hasScheme                    // of a URL
	hasWebhook                   // a host of those
	hasHeader                    // a part of a header's name
	hasBearer
	hasColon
	hasEquals
	hasQuote
	hasBlank // there may be several words
	hasPlace // a flag, or another word that says of the next that it is secret
	hasMark  // of an earlier redaction
	isOdd    // not only ASCII, or something to escape
)

// hints are beginnings of what the looks stand for, of two bytes or more each.
func hints() map[looks]string {
	return map[looks]string{
		hasShape:   "ghp_ gho_ ghr_ ghs_ ghu_ github_pat_ glpat- glrt- gldt- AKIA ASIA AIza xox xapp- sk- k_live_ k_test_ whsec_ npm_ pypi- hf_ dop_v1_ hvs. hvb. SG. eyJ AGE-SECRET :AA tskey- -----BEGIN",
		hasScheme:  "://",
		hasWebhook: "hooks.slack.com discord",
		hasBearer:  "earer EARER",
		hasPlace:   placeWords(),
		hasMark:    "[redacted:",
	}
}

// placeWords are the words besides flags that commandSpans needs: "set" and the
// programs whose secrets follow a word.
func placeWords() string {
	words := []string{"set"}
	for name, flags := range programs {
		for _, f := range flags {
			for word := range strings.FieldsSeq(f.next + " " + f.glued) {
				if !strings.HasPrefix(word, "-") {
					words = append(words, name)
				}
			}
		}
	}
	return strings.Join(words, " ")
}

type hint struct {
	text string
	has  looks
}

// sights is how looks are found: by a byte, or by two that begin hints.
type sights struct {
	bytes [256]looks
	pairs [1 << 16 / 64]uint64 // a bit for each two bytes that a hint begins with
	hints [256][]hint          // by first byte
}

var sighted = newSights()

func newSights() *sights {
	s := new(sights)
	for c := range s.bytes {
		if c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			s.bytes[c] = isOdd
		}
	}
	for has, bytes := range map[looks]string{hasColon: ":", hasEquals: "=", hasQuote: `'"`, hasBlank: " \t\n", hasPlace: "-"} {
		for i := range len(bytes) {
			s.bytes[bytes[i]] |= has
		}
	}
	for has, words := range hints() {
		for word := range strings.FieldsSeq(words) {
			pair := uint(word[0])<<8 | uint(word[1])
			s.pairs[pair/64] |= 1 << (pair % 64)
			s.hints[word[0]] = append(s.hints[word[0]], hint{word, has})
		}
	}
	return s
}

// look tells what s has.
func look(s string) (has looks) {
	last := byte(0)
	for i := range len(s) {
		c := s[i]
		has |= sighted.bytes[c]
		if pair := uint(last)<<8 | uint(c); sighted.pairs[pair/64]&(1<<(pair%64)) != 0 {
			for _, h := range sighted.hints[last] {
				if strings.HasPrefix(s[i-1:], h.text) {
					has |= h.has
				}
			}
		}
		last = c
	}
	return has
}
