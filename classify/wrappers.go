package classify

import (
	"maps"
	"strings"
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
	"sudo":        {short: "CDgGhpRrtTUu", long: "close-from chdir group host prompt chroot role type command-timeout other-user user", assigns: true, root: true, dir: "D chdir", unset: "l list v validate K e edit V version help remove-timestamp"},
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
	"sshpass":     {short: "pfdP", unset: "h V"},
	"fakeroot":    {short: "lsibf", long: "lib faked"},
	"caffeinate":  {short: "tw"},
	"proxychains": {short: "f"}, "proxychains4": {short: "f"},
	"dbus-run-session": {long: "config-file dbus-daemon"},
	"systemd-run":      {short: "uptMHEPC", long: "unit property description slice uid gid nice working-directory setenv machine host on-active on-boot on-startup on-unit-active on-unit-inactive on-calendar path-property socket-property timer-property service-type", detach: true, dir: "working-directory", unset: "help version h"},
	"systemd-inhibit":  {long: "what who why mode", unset: "list help version"},
	"setarch":          {skip: 1}, "linux64": {}, "linux32": {}, "i386": {}, "x86_64": {},
	"flock":    {short: "wEc", long: "timeout conflict-exit-code wait command", skip: 1, text: "c command", unset: "u unlock help version h V"},
	"watch":    {short: "nq", long: "interval equexit", attached: "d", loop: true, unset: "help version h v"},
	"unbuffer": {}, "catchsegv": {}, "chronic": {}, "ts": {}, "errno": {},
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
		if f.vanishes() {
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
