package classify

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

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
				n, err := strconv.ParseInt(cmp.Or(next(), "0"), 0, 32)
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
