package classify

import (
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// wrapper says how a program that runs the command in its words reads those
// before it.
type wrapper struct {
	short    string // short options that take a value
	long     string // long options that take a value
	attached string // short options whose value stands in the same word
	skip     int    // words between the options and the command
	assigns  bool   // NAME=value words may stand before the command
	root     bool
	detach   bool
	loop     bool
	text     string // options whose value is a line for a shell, in place of a command
	dir      string // options whose value is the command's working directory
	unset    string // options that say it does something else: sudo -l
}

var plainWrappers = map[string]wrapper{
	"sudo":        {short: "CDgGhpRrtTUu", long: "close-from chdir group host prompt chroot role type command-timeout other-user user", assigns: true, root: true, dir: "D chdir", unset: "l list v validate k K e edit V version h help remove-timestamp reset-timestamp"},
	"doas":        {short: "aCu", root: true, unset: "L C"},
	"pkexec":      {long: "user", root: true, unset: "version help"},
	"run0":        {short: "ugpDM", long: "unit property description slice user group nice chdir setenv background machine", root: true, dir: "D chdir", unset: "help version"},
	"nice":        {short: "n", long: "adjustment", attached: "0123456789", unset: "help version"},
	"ionice":      {short: "cnpPu", long: "class classdata pid pgid uid", unset: "p pid P pgid u uid help version h V"},
	"nohup":       {detach: true, unset: "help version"},
	"setsid":      {detach: true, unset: "help version h V"},
	"timeout":     {short: "ks", long: "kill-after signal", skip: 1, unset: "help version"},
	"gtimeout":    {short: "ks", long: "kill-after signal", skip: 1, unset: "help version"},
	"time":        {short: "fo", long: "format output", unset: "help version V"},
	"stdbuf":      {short: "ioe", long: "input output error", unset: "help version"},
	"chroot":      {long: "groups userspec", skip: 1, unset: "help version"},
	"unshare":     {short: "RwSG", long: "root wd setuid setgid map-user map-group map-users map-groups propagation setgroups", attached: "", unset: "help version h V"},
	"nsenter":     {short: "tSGW", long: "target setuid setgid wdns", unset: "help version h V"},
	"taskset":     {skip: 1, unset: "p pid help version h V"},
	"chrt":        {short: "TPD", long: "sched-runtime sched-period sched-deadline", skip: 1, unset: "p pid m max help version h V"},
	"setpriv":     {long: "ambient-caps inh-caps bounding-set ruid euid rgid egid reuid regid groups securebits pdeathsig selinux-label apparmor-profile", unset: "d dump help version h V"},
	"prlimit":     {short: "po", long: "pid output", unset: "p pid help version h V"},
	"strace":      {short: "abeEIoOpPsSuUX", long: "trace output attach", unset: "p attach h help V version"},
	"ltrace":      {short: "aAeDFlnopsuwx", unset: "p h help V version"},
	"fakeroot":    {short: "lsibf", long: "lib faked"},
	"caffeinate":  {short: "tw"},
	"proxychains": {short: "f"}, "proxychains4": {short: "f"},
	"dbus-run-session": {long: "config-file dbus-daemon"},
	"systemd-run":      {short: "uptMHEPC", long: "unit property description slice uid gid nice working-directory setenv machine host on-active on-boot on-startup on-unit-active on-unit-inactive on-calendar path-property socket-property timer-property service-type", detach: true, dir: "working-directory", unset: "help version h"},
	"systemd-inhibit":  {long: "what who why mode", unset: "list help version"},
	"flock":            {short: "wEc", long: "timeout conflict-exit-code wait command", skip: 1, text: "c command", unset: "u unlock help version h V"},
	"watch":            {short: "nq", long: "interval equexit", attached: "d", loop: true, unset: "help version h v"},
	"unbuffer":         {}, "catchsegv": {}, "chronic": {}, "ts": {}, "errno": {},
}

// unwrap takes a command out of its wrapper and walks it; false if c is not a
// wrapper with a command in it.
func (w *walk) unwrap(sh *shell, c command, name string) bool {
	switch name {
	case "env":
		return w.env(sh, c)
	case "su", "runuser":
		return w.su(sh, c, name)
	case "script":
		return w.script(sh, c)
	case "xargs":
		return w.xargs(sh, c)
	case "find", "fd":
		return w.findExec(sh, c, name)
	case "parallel":
		return w.parallel(sh, c)
	case "ssh", "docker", "podman", "kubectl", "nerdctl":
		return w.remote(sh, c, name)
	case "busybox", "toybox":
		return w.applet(sh, c, name)
	}
	t, ok := plainWrappers[name]
	if !ok {
		return false
	}
	return w.plain(sh, c, name, t)
}

// head is what stands before the command in a wrapper's words.
type head struct {
	flags   map[string]bool
	options []option
	open    []field // words that are not literal and may hold anything
	rest    []field
}

func (h *head) value(names string) (field, bool) {
	for _, o := range h.options {
		if hasWord(names, o.name) {
			return o.value, true
		}
	}
	return field{}, false
}

// split reads the options of a wrapper and returns what follows.
func (t *wrapper) split(words []field) head {
	a := &reading{flags: map[string]bool{}, spec: &spec{short: t.short, attached: t.attached, long: valued(t.long)}}
	h := head{flags: a.flags}
	i := 0
	for ; i < len(words); i++ {
		f := words[i]
		if f.open != "" && !f.guess && f.many && !strings.HasPrefix(f.text, "-") {
			h.open = append(h.open, f)
			continue
		}
		if f.text == "--" {
			i++
			break
		}
		if !dashed(f) {
			break
		}
		i += a.option(f, words[i+1:])
	}
	h.options, h.rest = a.options, words[min(i, len(words)):]
	for n := t.skip; n > 0 && len(h.rest) > 0; n-- {
		h.rest = h.rest[1:]
	}
	if t.skip > 0 && len(h.rest) > 0 && dashed(h.rest[0]) { // more options: kubectl exec POD -n NS -- CMD
		more := *t
		more.skip = 0
		next := more.split(h.rest)
		maps.Copy(h.flags, next.flags)
		h.options, h.open, h.rest = append(h.options, next.options...), append(h.open, next.open...), next.rest
	}
	return h
}

// valued marks each long option as one that takes a value.
func valued(long string) string {
	if long == "" {
		return ""
	}
	return strings.ReplaceAll(long, " ", "= ") + "="
}

func (w *walk) plain(sh *shell, c command, name string, t wrapper) bool {
	h := t.split(c.words[1:])
	for f := range h.flags {
		if hasWord(t.unset, f) {
			return false
		}
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], name)
	in.root, in.detach, in.loop = sh.root || t.root, sh.detach || t.detach, sh.loop || t.loop
	in.program = true
	if dir, ok := h.value(t.dir); ok {
		in.cwd = ""
		if dir.usable() {
			in.cwd = join(sh.cwd, dir.text)
		}
	}
	c.take(h.options)
	for t.assigns && len(h.rest) > 0 && isAssign(h.rest[0]) {
		c.env = append(c.env, assignWord(h.rest[0]))
		h.rest = h.rest[1:]
	}
	if text, ok := h.value(t.text); ok {
		w.shellText(in, c, text)
		return true
	}
	switch {
	case name == "sudo" && (h.flags["s"] || h.flags["i"] || h.flags["shell"] || h.flags["login"]):
		w.loginShell(in, c, h.rest)
	case len(h.rest) == 0 && len(h.open) == 0:
		return false
	case name == "watch" && !h.flags["x"] && !h.flags["exec"]:
		w.shellText(in, c, joined(h.rest))
	default:
		w.inner(in, c, h)
	}
	return true
}

// inner walks the command of a wrapper. A word before it that is not literal
// may be the command itself.
func (w *walk) inner(sh *shell, c command, h head) {
	if len(h.open) > 0 {
		d := c
		d.words = append(slices.Clone(h.open[len(h.open)-1:]), h.rest...)
		w.program(sh, d)
	}
	if len(h.rest) > 0 {
		c.words, c.bare = h.rest, true
		w.exec(sh, c)
	}
}

// take keeps the connections of option values that are dropped with the wrapper.
func (c *command) take(options []option) {
	for _, o := range options {
		c.from, c.to = append(c.from, o.value.from...), append(c.to, o.value.to...)
	}
}

func isAssign(f field) bool {
	name, _, ok := strings.Cut(f.text, "=")
	return ok && syntax.ValidName(name)
}

func assignWord(f field) Assign {
	name, v, _ := strings.Cut(f.text, "=")
	return Assign{Name: name, Value: v, Literal: f.open == ""}
}

// joined makes one line of several words, as programs do that hand theirs to a
// shell.
func joined(words []field) field {
	out := field{}
	out.text = strings.Join(texts(words), " ")
	for _, f := range words {
		if f.open != "" && out.open == "" {
			out.open, out.guess, out.sole = f.open, f.guess, f.sole && len(words) == 1
		}
		out.from = append(out.from, f.from...)
	}
	return out
}

// shellText walks a line that a wrapper hands to a shell.
func (w *walk) shellText(sh *shell, c command, text field) {
	in := sh.child(c.env)
	in.program = false
	in.stdin, in.stdout = c.redir.stdin, c.redir.stdout
	if c.redir.visible() {
		w.nameless(in, c.redir, c.env)
	}
	if text.open != "" {
		w.doubt(sh.parent, "payload", text.open)
		if !text.guess {
			d := command{words: []field{{text: "sh"}, {text: "-c"}, text}, redir: c.redir, env: c.env}
			w.program(sh, d)
			return
		}
	}
	w.line(in, text.text)
}

// loginShell walks sudo -i, sudo -s and su without a command, or with one that
// the shell of the other user runs.
func (w *walk) loginShell(sh *shell, c command, rest []field) {
	if len(rest) > 0 {
		w.shellText(sh, c, joined(rest))
		return
	}
	c.words = []field{{text: "sh"}}
	w.program(sh, c)
}

func (w *walk) env(sh *shell, c command) bool {
	t := wrapper{short: "uCSa", long: "unset chdir split-string argv0 block-signal default-signal ignore-signal"}
	h := t.split(c.words[1:])
	if h.flags["help"] || h.flags["version"] {
		return false
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], "env")
	in.program = true
	if dir, ok := h.value("C chdir"); ok {
		in.cwd = ""
		if dir.usable() {
			in.cwd = join(sh.cwd, dir.text)
		}
	}
	c.take(h.options)
	if text, ok := h.value("S split-string"); ok {
		h.rest = append(splitString(text), h.rest...)
		again := t.split(h.rest)
		h.rest, h.open = again.rest, append(h.open, again.open...)
	}
	for len(h.rest) > 0 && isAssign(h.rest[0]) {
		c.env = append(c.env, assignWord(h.rest[0]))
		h.rest = h.rest[1:]
	}
	if len(h.rest) == 0 && len(h.open) == 0 {
		return false
	}
	w.inner(in, c, h)
	return true
}

// splitString splits env -S's value at blanks, with its quotes.
func splitString(f field) []field {
	if !f.usable() {
		return []field{f}
	}
	var out []field
	cur, has, quote := "", false, byte(0)
	for i := 0; i < len(f.text); i++ {
		switch c := f.text[i]; {
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if has {
				out = append(out, field{text: cur, open: f.open, guess: f.guess})
			}
			cur, has = "", false
		case quote == 0 && (c == '"' || c == '\''):
			quote, has = c, true
		case c == quote:
			quote = 0
		case c == '\\' && i+1 < len(f.text) && quote != '\'':
			i++
			cur, has = cur+f.text[i:i+1], true
			if f.text[i] == '_' {
				cur = cur[:len(cur)-1] + " "
			}
		default:
			cur, has = cur+string([]byte{c}), true
		}
	}
	if has {
		out = append(out, field{text: cur, open: f.open, guess: f.guess})
	}
	return out
}

func (w *walk) su(sh *shell, c command, name string) bool {
	t := wrapper{short: "cgGsTuw", long: "command session-command group supp-group shell user whitelist-environment"}
	h := t.split(c.words[1:])
	if h.flags["help"] || h.flags["version"] || h.flags["h"] || h.flags["V"] {
		return false
	}
	in := sh.fork()
	in.via, in.root, in.program = append(sh.via[:len(sh.via):len(sh.via)], name), true, true
	if text := suCommand(c.words[1:]); len(text) > 0 {
		w.shellText(in, c, text[0])
		return true
	}
	if name == "runuser" && h.flags["u"] && len(h.rest) > 0 {
		w.inner(in, c, h)
		return true
	}
	w.loginShell(in, c, nil)
	return true
}

// suCommand finds the value of -c anywhere in su's words.
func suCommand(words []field) []field {
	for i, f := range words {
		if f.text == "-c" || f.text == "--command" || len(f.text) > 2 && f.text[0] == '-' && f.text[1] != '-' && f.text[len(f.text)-1] == 'c' {
			if i+1 < len(words) {
				return words[i+1 : i+2]
			}
		}
		if v, ok := strings.CutPrefix(f.text, "--command="); ok {
			f.text = v
			return []field{f}
		}
	}
	return nil
}

func (w *walk) script(sh *shell, c command) bool {
	text := suCommand(c.words[1:])
	if len(text) == 0 {
		return false
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], "script")
	w.shellText(in, c, text[0])
	return true
}

func (w *walk) applet(sh *shell, c command, name string) bool {
	if len(c.words) < 2 || dashed(c.words[1]) {
		return false
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], name)
	in.program = true
	c.words = c.words[1:]
	w.exec(in, c)
	return true
}
