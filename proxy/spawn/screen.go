package spawn

// screen follows what a program writes to its terminal, as far as guard has to
// know before it draws something of its own: is the alternate screen up, is the
// cursor at the start of a line, and is an escape sequence half written. Sequences
// may be split over any number of writes. See ECMA-48 5.4 and xterm's ctlseqs.
//
// A byte 0x9b is not taken as CSI: in UTF-8 it is a part of common letters.
type screen struct {
	alternate bool // DECSET 1049, 1047 or 47 is in force
	column    bool // something stands before the cursor on its line
	state     state
	private   bool // CSI ? ...
	number    int  // parameter being read
	wanted    bool // an earlier parameter of this sequence names the alternate screen
}

type state int

const (
	ground  state = iota
	escape        // after ESC
	skip          // ESC and an intermediate: one final byte follows
	control       // CSI parameters
	text          // OSC, DCS, SOS, PM, APC: up to BEL or ST
	textEnd       // ESC inside of text
)

// whole says whether guard may write without breaking a sequence in two.
func (s *screen) whole() bool { return s.state == ground }

func (s *screen) write(p []byte) {
	for _, b := range p {
		s.step(b)
	}
}

func (s *screen) step(b byte) {
	switch {
	case b == 0x18 || b == 0x1a: // CAN and SUB abort any sequence
		s.state = ground
	case s.state == text:
		s.inText(b)
	case b == 0x1b && s.state != textEnd:
		s.state = escape
	case s.state == ground:
		s.inGround(b)
	case s.state == escape, s.state == textEnd:
		s.afterEscape(b)
	case s.state == skip:
		if b >= 0x30 {
			s.state = ground
		}
	case s.state == control:
		s.inControl(b)
	}
}

func (s *screen) inText(b byte) {
	switch b {
	case 0x07:
		s.state = ground
	case 0x1b:
		s.state = textEnd
	}
}

func (s *screen) inGround(b byte) {
	switch {
	case b == '\n' || b == '\r':
		s.column = false
	case b >= ' ':
		s.column = true
	}
}

// afterEscape also ends a text: any ESC leaves it, and if the next byte is not
// the backslash of ST it starts a sequence of its own.
func (s *screen) afterEscape(b byte) {
	switch {
	case b == '[':
		s.state, s.private, s.number, s.wanted = control, false, 0, false
	case b == ']' || b == 'P' || b == 'X' || b == '^' || b == '_':
		s.state = text
	case b == 'c': // RIS
		*s = screen{}
	case b == 0x1b:
		s.state = escape
	case b >= 0x20 && b < 0x30:
		s.state = skip
	case b >= 0x30:
		s.state = ground
	}
}

func (s *screen) inControl(b byte) {
	switch {
	case b == '?':
		s.private = true
	case b >= '0' && b <= '9':
		s.number = min(s.number*10+int(b-'0'), 1e6)
	case b == ';' || b == ':':
		s.parameter()
	case b >= 0x40 && b <= 0x7e:
		s.parameter()
		s.state = ground
		s.final(b)
	}
}

func (s *screen) parameter() {
	s.wanted = s.wanted || s.number == 1049 || s.number == 1047 || s.number == 47
	s.number = 0
}

func (s *screen) final(b byte) {
	switch {
	case s.private && s.wanted && b == 'h':
		s.alternate = true
	case s.private && s.wanted && b == 'l':
		s.alternate, s.column = false, true
	case !s.private && (b == 'H' || b == 'f' || b == 'G' || b == 'C' || b == 'd'):
		s.column = true // somewhere else: a new line is the safe guess
	}
}
