package proxy

import (
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCharactersThatATerminalObeysHidesOrReordersAreWrittenOut(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain text is kept", `rm -rf ./data 'a b' \x`, `rm -rf ./data 'a b' \x`},
		{"letters of other scripts are kept", "größe 日本 é", "größe 日本 é"},
		{"an escape sequence cannot move the cursor", "a\x1b[2Kb", `a\x1b[2Kb`},
		{"lines stay one line", "a\r\nb\tc", `a\r\nb\tc`},
		{"a C1 control", "a\u009b2Jb", `a\x9b2Jb`},
		{"a right-to-left override", "a\u202etxt.sh", `a\u202etxt.sh`},
		{"an isolate", "\u2066x\u2069", `\u2066x\u2069`},
		{"a zero-width space and joiner", "r\u200bm\u200d", `r\u200bm\u200d`},
		{"a no-break space", "rm\u00a0-rf", `rm\xa0-rf`},
		{"an ideographic space", "rm\u3000x", `rm\u3000x`},
		{"a line separator", "a\u2028b", `a\u2028b`},
		{"a byte order mark", "\ufeffrm", `\ufeffrm`},
		{"a soft hyphen", "r\u00adm", `r\xadm`},
		{"Hangul fillers, letters without ink", "\u115f\u3164\uffa0", `\u115f\u3164\uffa0`},
		{"blank Braille", "\u2800", `\u2800`},
		{"a variation selector", "a\ufe0f\U000e0100", `a\ufe0f\U000e0100`},
		{"a tag character", "a\U000e0041", `a\U000e0041`},
		{"private use", "\ue000", `\ue000`},
		{"bytes that are not UTF-8", "a\xff\xc3", `a\xff\xc3`},
		{"a replacement character that was written as such", "\ufffd", "\ufffd"},
		{"delete", "a\x7f", `a\x7f`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Visible(c.in); got != c.want {
				t.Errorf("Visible(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func FuzzVisibleIsOneLineOfGraphicCharactersAndStaysItself(f *testing.F) {
	f.Add("a\x1b[31m\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		v := Visible(s)
		if !utf8.ValidString(v) {
			t.Fatalf("Visible(%q) = %q, which is not UTF-8", s, v)
		}
		for _, r := range v {
			if !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) {
				t.Fatalf("Visible(%q) = %q keeps %U", s, v, r)
			}
		}
		if again := Visible(v); again != v {
			t.Fatalf("Visible(%q) = %q, and of that %q", s, v, again)
		}
	})
}
