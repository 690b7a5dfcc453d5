package classify

import (
	"encoding/base64"
	"encoding/hex"
	"path"
	"strconv"
	"strings"
)

// produce notes what a stage writes to its standard output and to files, where
// that follows from its words and input alone.
func (w *walk) produce(sh *shell, s *Stage, a *reading, c command) {
	text, ok := "", false
	if !s.Remote && allLiteral(c.words) {
		text, ok = w.outputOf(sh, s, a, c)
	}
	if ok && len(text) <= 1<<16 {
		w.spend(len(text))
		w.out[s.ID] = text
	}
	for _, r := range s.Redirects {
		if r.Path != nil && (r.FD == 1 || r.FD == -1) && r.Path.Path != "" {
			w.wrote(sh, s, r.Path.Path, blob{text: text, known: ok}, strings.HasPrefix(r.Op, ">>") || r.Op == "&>>")
		}
	}
	w.copies(sh, s, a, c)
}

func allLiteral(words []field) bool {
	for _, f := range words {
		if f.open != "" || f.glob > 0 {
			return false
		}
	}
	return true
}

// wrote notes the content of a file.
func (w *walk) wrote(sh *shell, s *Stage, abs string, b blob, more bool) {
	old, had := w.files[abs]
	if more {
		b.text, b.known = old.text+b.text, b.known && had && old.known
	}
	if sh.cond > 0 || sh.loop {
		b.known = false
	}
	b.from = append(append(b.from, old.from...), s.ID)
	w.spend(len(b.text) + len(b.from))
	w.files[abs] = b
}

// copies notes files that programs write by themselves.
func (w *walk) copies(sh *shell, s *Stage, a *reading, c command) {
	if sh.remote {
		return
	}
	var b blob
	switch s.Name {
	case "tee":
		b = blob{text: c.redir.stdin.text, known: c.redir.stdin.kind == "text"}
	case "cp", "mv", "install", "ln":
		if len(s.Operands) == 2 {
			b = w.files[join(sh.cwd, s.Operands[0])]
		}
	case "curl", "wget", "dd", "sort":
	default:
		return
	}
	for _, p := range s.Paths[:len(s.Paths)-redirected(s)] {
		if p.Access == "write" && p.Path != "" {
			w.wrote(sh, s, p.Path, b, s.Name == "tee" && a.flags["a"])
		}
	}
}

// redirected counts the paths at the end of s.Paths that are not operands.
func redirected(s *Stage) int {
	n := 0
	for _, r := range s.Redirects {
		if r.Path != nil {
			n++
		}
	}
	if last := len(s.Paths) - 1; last >= 0 && s.Paths[last].Access == "exec" {
		n++ // the program itself
	}
	return n
}

// outputOf computes the output of programs that only print.
func (w *walk) outputOf(sh *shell, s *Stage, a *reading, c command) (string, bool) {
	in := c.redir.stdin
	ops := s.Operands
	switch s.Name {
	case "echo":
		return echo(texts(c.words[1:])), true
	case "printf":
		if len(c.words) > 1 && c.words[1].text == "-v" {
			return "", true
		}
		return format(c.words[1:])
	case "true", ":", "cd", "export", "set", "shopt", "alias", "unset", "mkdir", "touch", "declare", "local", "readonly":
		return "", true
	case "pwd":
		return sh.cwd + "\n", sh.cwd != ""
	case "basename":
		if len(ops) == 1 {
			return path.Base(ops[0]) + "\n", true
		}
	case "dirname":
		if len(ops) == 1 {
			return path.Dir(ops[0]) + "\n", true
		}
	case "mktemp":
		return w.mktemp(sh, a, ops), true
	case "git":
		if s.Sub == "rev-parse" && len(c.words) == 3 && a.flags["show-toplevel"] && inside(sh.cwd, w.place.workspace) {
			return w.place.workspace + "\n", true
		}
	case "cat":
		return w.cat(sh, ops, in)
	case "seq":
		return seq(ops)
	case "tee":
		return in.text, in.kind == "text"
	}
	if in.kind != "text" || len(in.text) > 1<<16 {
		return "", false
	}
	return filter(s, a, in.text)
}

// filter computes the output of programs that turn text into other text.
func filter(s *Stage, a *reading, in string) (string, bool) {
	switch s.Name {
	case "base64":
		if !a.anyFlag("d D decode") {
			return base64.StdEncoding.EncodeToString([]byte(in)) + "\n", true
		}
		clean := strings.Map(func(r rune) rune {
			if r == '\n' || r == ' ' || r == '=' {
				return -1
			}
			return r
		}, in)
		out, err := base64.RawStdEncoding.DecodeString(clean)
		return string(out), err == nil
	case "xxd":
		if a.flags["r"] && a.flags["p"] {
			out, err := hex.DecodeString(strings.Join(strings.Fields(in), ""))
			return string(out), err == nil
		}
	case "rev":
		lines := strings.Split(in, "\n")
		for i, l := range lines {
			r := []rune(l)
			for j, k := 0, len(r)-1; j < k; j, k = j+1, k-1 {
				r[j], r[k] = r[k], r[j]
			}
			lines[i] = string(r)
		}
		return strings.Join(lines, "\n"), true
	case "tr":
		return translate(a, s.Operands, in)
	}
	return "", false
}

// translate computes tr for plain sets and ranges.
func translate(a *reading, ops []string, in string) (string, bool) {
	if len(ops) == 0 || a.anyFlag("c C s t complement squeeze-repeats truncate-set1") {
		return "", false
	}
	from, ok := charset(ops[0])
	if !ok {
		return "", false
	}
	if a.anyFlag("d delete") {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(from, r) {
				return -1
			}
			return r
		}, in), true
	}
	if len(ops) != 2 {
		return "", false
	}
	to, ok := charset(ops[1])
	if !ok || to == "" {
		return "", false
	}
	src, dst := []rune(from), []rune(to)
	return strings.Map(func(r rune) rune {
		for i := len(src) - 1; i >= 0; i-- {
			if src[i] == r {
				return dst[min(i, len(dst)-1)]
			}
		}
		return r
	}, in), true
}

func charset(s string) (string, bool) {
	if strings.Contains(s, "[:") || strings.Contains(s, "[=") {
		return "", false
	}
	r := []rune(ansiC(s))
	var out []rune
	for i := 0; i < len(r); i++ {
		if i+2 < len(r) && r[i+1] == '-' && r[i+2] >= r[i] && r[i+2] < 128 {
			for c := r[i]; c <= r[i+2]; c++ {
				out = append(out, c)
			}
			i += 2
			continue
		}
		out = append(out, r[i])
	}
	return string(out), true
}

func echo(args []string) string {
	end, escapes := "\n", false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "neE") == "" {
		if strings.Contains(args[0], "n") {
			end = ""
		}
		escapes = escapes || strings.Contains(args[0], "e")
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if escapes {
		text = escaped(text)
	}
	return text + end
}

// escaped decodes the escapes of echo -e and printf.
func escaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] == 'c' {
			break
		}
		out, used := escape(s[i:], false)
		b.WriteString(out)
		i += used - 1
	}
	return b.String()
}

// format computes printf for %s, %b, %c, %d, %x and %%.
func format(args []field) (string, bool) {
	if len(args) > 0 && args[0].text == "--" {
		args = args[1:]
	}
	if len(args) == 0 || !allLiteral(args) {
		return "", false
	}
	layout, rest := args[0].text, texts(args[1:])
	var b strings.Builder
	for {
		used, ok := formatOnce(&b, layout, rest)
		if !ok || b.Len() > 1<<16 {
			return "", false
		}
		if rest = rest[min(used, len(rest)):]; len(rest) == 0 || used == 0 {
			return b.String(), true
		}
	}
}

func formatOnce(b *strings.Builder, layout string, args []string) (used int, ok bool) {
	next := func() string {
		used++
		if used <= len(args) {
			return args[used-1]
		}
		return ""
	}
	for i := 0; i < len(layout); i++ {
		switch c := layout[i]; {
		case c == '\\' && i+1 < len(layout):
			out, n := escape(layout[i+1:], false)
			b.WriteString(out)
			i += n
		case c != '%' || i+1 == len(layout):
			b.WriteByte(c)
		default:
			i++
			switch layout[i] {
			case '%':
				b.WriteByte('%')
			case 's':
				b.WriteString(next())
			case 'b':
				b.WriteString(escaped(next()))
			case 'c':
				if s := next(); s != "" {
					b.WriteString(s[:1])
				}
			case 'd', 'i', 'x':
				n, err := strconv.ParseInt("0"+next(), 0, 32)
				if err != nil {
					return used, false
				}
				base := 10
				if layout[i] == 'x' {
					base = 16
				}
				b.WriteString(strconv.FormatInt(n, base))
			default:
				return used, false
			}
		}
	}
	return used, true
}

func (w *walk) cat(sh *shell, ops []string, in input) (string, bool) {
	if len(ops) == 0 {
		return in.text, in.kind == "text"
	}
	text := ""
	for _, o := range ops {
		if o == "-" && in.kind == "text" {
			text += in.text
			continue
		}
		b, ok := w.files[join(sh.cwd, o)]
		if !ok || !b.known {
			return "", false
		}
		w.spend(len(text) + len(b.text))
		text += b.text
	}
	return text, true
}

func seq(ops []string) (string, bool) {
	first, last := 1, 0
	var err, err2 error
	switch len(ops) {
	case 1:
		last, err = strconv.Atoi(ops[0])
	case 2:
		first, err = strconv.Atoi(ops[0])
		last, err2 = strconv.Atoi(ops[1])
	default:
		return "", false
	}
	if err != nil || err2 != nil || last-first > 1000 {
		return "", false
	}
	var b strings.Builder
	for n := first; n <= last; n++ {
		b.WriteString(strconv.Itoa(n) + "\n")
	}
	return b.String(), true
}

// mktemp invents the name of a new temporary file or folder, and remembers
// that the line made it.
func (w *walk) mktemp(sh *shell, a *reading, ops []string) string {
	w.temps++
	name := "/tmp/tmp." + strings.Repeat("0", 9) + strconv.Itoa(w.temps)
	dir, given := a.value("p", "tmpdir")
	switch {
	case len(ops) == 1 && (given || a.anyFlag("t tmpdir")):
		name = join("/tmp", ops[0])
		if given && dir.text != "" {
			name = join(join(sh.cwd, dir.text), ops[0])
		}
	case len(ops) == 1:
		name = join(sh.cwd, ops[0])
	case given && dir.text != "":
		name = join(join(sh.cwd, dir.text), path.Base(name))
	}
	if name == "" {
		return ""
	}
	w.made[name] = true
	return name + "\n"
}
