package spawn

import (
	"math/rand/v2"
	"testing"
)

func TestTheAlternateScreenIsSeenHoweverTheSequenceIsWritten(t *testing.T) {
	for _, c := range []struct {
		name, out string
		want      bool
	}{
		{"nothing written", "", false},
		{"plain text that looks like it", "[?1049h", false},
		{"1049 on", "\x1b[?1049h", true},
		{"1047 on", "\x1b[?1047h", true},
		{"47 on", "\x1b[?47h", true},
		{"on and off", "\x1b[?1049h text \x1b[?1049l", false},
		{"off and on", "\x1b[?1049l\x1b[?1049h", true},
		{"among other parameters", "\x1b[?25;1049;7h", true},
		{"before other parameters", "\x1b[?1049;25h", true},
		{"another mode", "\x1b[?25h\x1b[?2004h", false},
		{"without the question mark", "\x1b[1049h", false},
		{"asked about, not set", "\x1b[?1049$p", false},
		{"as the title", "\x1b]2;\x1b[?1049h", true},
		{"inside a title that ends with BEL", "\x1b]2;[?1049h\x07", false},
		{"inside a device string", "\x1bP[?1049h\x1b\\", false},
		{"after a title that ends with ST", "\x1b]2;x\x1b\\\x1b[?1049h", true},
		{"aborted by CAN", "\x1b[?1049\x18h", false},
		{"aborted by another escape", "\x1b[?10\x1b[?1049h", true},
		{"reset leaves it", "\x1b[?1049h\x1bc", false},
		{"after a character set was chosen", "\x1b(0\x1b[?1049h", true},
		{"a letter with the byte of an 8-bit CSI", "\u015b?1049h", false},
		{"a number too large", "\x1b[?99999999999991049h", false},
		{"controls inside the sequence", "\x1b[?10\n49h", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s screen
			s.write([]byte(c.out))
			if s.alternate != c.want {
				t.Errorf("after %q alternate = %v, want %v", c.out, s.alternate, c.want)
			}
		})
	}
}

func TestGuardKnowsWhetherASequenceOrALineIsUnfinished(t *testing.T) {
	for _, c := range []struct {
		out           string
		whole, column bool
	}{
		{"", true, false},
		{"$ ", true, true},
		{"line\r\n", true, false},
		{"\x1b[31mred\x1b[0m", true, true},
		{"\x1b[31m", true, false},
		{"\x1b", false, false},
		{"\x1b[", false, false},
		{"\x1b[?1049", false, false},
		{"\x1b(", false, false},
		{"\x1b]2;title", false, false},
		{"\x1b]2;title\x1b", false, false},
		{"\x1b]2;title\x1b\\", true, false},
		{"\x1b]2;title\x07", true, false},
		{"\x1bPq\x18", true, false},
		{"\x1b[5;1H", true, true},
	} {
		var s screen
		s.write([]byte(c.out))
		if s.whole() != c.whole || s.column != c.column {
			t.Errorf("after %q whole, column = %v, %v, want %v, %v", c.out, s.whole(), s.column, c.whole, c.column)
		}
	}
}

func FuzzSplittingTheOutputChangesNothing(f *testing.F) {
	f.Add([]byte("a\x1b[?1049hb\x1b]2;t\x1b\\\x1b(0\x1b[?1049l\x1bPx\x07\x1b[1;2H"), uint64(1))
	f.Fuzz(func(t *testing.T, out []byte, seed uint64) {
		var whole, parts screen
		whole.write(out)
		r := rand.New(rand.NewPCG(seed, 0))
		for rest := out; len(rest) > 0; {
			n := 1 + r.IntN(len(rest))
			parts.write(rest[:n])
			rest = rest[n:]
		}
		if whole != parts {
			t.Fatalf("%q: at once %+v, in parts %+v", out, whole, parts)
		}
		whole.write([]byte("\x18\x1b\\"))
		if !whole.whole() {
			t.Fatalf("%q: CAN and ST do not bring the terminal back to ground", out)
		}
	})
}
