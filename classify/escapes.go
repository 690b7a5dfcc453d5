package classify

import "strings"

// escapes are programs with a command language of their own in which ! hands the
// rest of the line to a shell, by what may stand before it: addresses and the
// commands that read from or write to a program.
var escapes = map[string]string{
	"ed": "0123456789,.;$%+-rweEH ", "red": "", "ex": "0123456789,.;$%+-:rwsilent ", "vi": "0123456789,.;$%+-:rwsilent ", "vim": "0123456789,.;$%+-:rwsilent ", "nvim": "0123456789,.;$%+-:rwsilent ",
	"dc": "", "ftp": "", "sftp": "", "lftp": "", "gdb": "", "lldb": "", "gnuplot": "", "cdb": "", "mail": "~", "mailx": "~", "telnet": "", "octave": "", "gp": "\\",
}

// spoken and scripted are their options whose value is a command, or a file of
// commands.
var (
	spoken   = map[string]string{"dc": "e expression", "ex": "c cmd", "vi": "c cmd", "vim": "c cmd", "nvim": "c cmd"}
	scripted = map[string]string{"dc": "f file", "ex": "S", "vi": "S", "vim": "S", "nvim": "S", "gdb": "x command"}
)

// escaped walks what a program runs for lines of its input that leave it for a
// shell, where the line spells the input out.
func (w *walk) escaped(sh *shell, s *Stage, a *reading, c command) {
	before, ok := escapes[s.Name]
	in := c.redir.stdin
	for _, f := range a.values(spoken[s.Name]) {
		in = input{kind: "text", text: in.text + f.text + "\n", whole: f.whole}
	}
	for _, f := range a.values(scripted[s.Name]) {
		if b, written := w.file(sh, join(sh.cwd, f.text)); written && b.known {
			in = input{kind: "text", text: in.text + b.text}
		}
	}
	if !ok || in.kind != "text" || s.Remote {
		return
	}
	w.spend(len(in.text))
	for line := range strings.SplitSeq(in.text, "\n") {
		command, isShell := strings.CutPrefix(strings.TrimSpace(line), "shell ")
		if head, rest, mark := strings.Cut(line, "!"); !isShell && mark && strings.Trim(head, before+" \t") == "" {
			command, isShell = rest, !strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "<") && !strings.HasPrefix(rest, ">")
		}
		if isShell && strings.TrimSpace(command) != "" {
			w.later(sh, s, field{text: command, whole: in.whole})
		}
	}
}

// bind walks the commands that bind -x gives to keys.
func (w *walk) bind(sh *shell, c command) {
	id := w.program(sh, c)
	s := w.stages[id]
	t := wrapper{short: "xmfqur"}
	h := t.split(c.words[1:])
	for _, f := range h.values("x") {
		if _, line, ok := strings.Cut(strings.TrimPrefix(f.text, `"`), `":`); ok {
			f.text = strings.Trim(line, " \t\"")
		} else if _, line, ok := strings.Cut(f.text, ":"); ok {
			f.text = line
		}
		w.later(sh, s, f)
	}
}

// mapfile walks what mapfile -C calls.
func (w *walk) mapfile(sh *shell, c command) {
	id := w.program(sh, c)
	t := wrapper{short: "dnOsuCc"}
	h := t.split(c.words[1:])
	for _, f := range h.values("C") {
		f.text += " 0 line"
		w.later(sh, w.stages[id], f)
	}
}

// later walks a line that a stage has a shell run.
func (w *walk) later(sh *shell, s *Stage, line field) {
	in := sh.child(s.Env)
	in.parent, in.via, in.root = s.ID, append(sh.via[:len(sh.via):len(sh.via)], s.Name), sh.root
	in.stdin = input{kind: "null"}
	w.laterLine(in, s, line)
}
