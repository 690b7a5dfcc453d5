package receipt

import (
	"path"
	"slices"
	"strings"
)

// valueFlag says how one program takes a secret.
type valueFlag struct {
	next  string // flags whose next word is the secret
	glued string // flags that the secret follows without a space
	ends  string // a letter that does the same at the end of clustered flags
	after string // with this separator in the value, only what follows it
	sub   string // only in this subcommand
}

var (
	mysqlFlags = []valueFlag{{glued: "-p"}}
	mongoFlags = []valueFlag{{next: "-p"}}
	loginFlags = []valueFlag{{next: "-p", sub: "login"}}
	ldapFlags  = []valueFlag{{next: "-w", glued: "-w"}}
	sqlFlags   = []valueFlag{{next: "-P", glued: "-P"}}
	snmpFlags  = []valueFlag{{next: "-A -X"}}
)

var programs = map[string][]valueFlag{
	"mysql": mysqlFlags, "mysqldump": mysqlFlags, "mysqladmin": mysqlFlags, "mysqlimport": mysqlFlags, "mysqlcheck": mysqlFlags,
	"mariadb": mysqlFlags, "mariadb-dump": mysqlFlags, "mariadb-admin": mysqlFlags,
	"mongo": mongoFlags, "mongosh": mongoFlags, "mongodump": mongoFlags, "mongorestore": mongoFlags,
	"docker": loginFlags, "podman": loginFlags, "buildah": loginFlags, "skopeo": loginFlags, "helm": loginFlags, "az": loginFlags, "oc": loginFlags,
	"ldapsearch": ldapFlags, "ldapmodify": ldapFlags, "ldapadd": ldapFlags, "ldapdelete": ldapFlags,
	"sqlcmd": sqlFlags, "bcp": sqlFlags, "snmpwalk": snmpFlags, "snmpget": snmpFlags,
	"sshpass":   {{next: "-p", glued: "-p"}},
	"curl":      {{next: "-u --user -U --proxy-user", glued: "-u -U --user= --proxy-user=", ends: "u", after: ":"}, {next: "-b --cookie", glued: "--cookie=", after: "="}},
	"http":      {{next: "-a --auth", glued: "--auth=", after: ":"}},
	"https":     {{next: "-a --auth", glued: "--auth=", after: ":"}},
	"redis-cli": {{next: "-a --pass"}},
	"vault":     {{next: "login", sub: "login"}},
	"smbclient": {{next: "-U --user", glued: "-U --user=", after: "%"}},
	"lftp":      {{next: "-u", after: ","}},
	"zip":       {{next: "-P"}},
	"unzip":     {{next: "-P"}},
	"7z":        {{glued: "-p"}},
	"rar":       {{glued: "-p -hp"}},
	"unrar":     {{glued: "-p"}},
	"ipmitool":  {{next: "-P"}},
	"openssl":   {{next: "-passin -passout -pass", after: "pass:"}, {next: "-k -K"}},
	"nmcli":     {{next: "password wifi-sec.psk 802-11-wireless-security.psk"}},
	"gh":        {{next: "-b --body", glued: "--body=", sub: "secret"}},
}

// wrappers run the command in their arguments; those with a word do so behind it.
var wrappers = map[string]string{
	"sudo": "", "doas": "", "env": "", "nohup": "", "nice": "", "time": "", "timeout": "", "setsid": "", "stdbuf": "", "exec": "", "command": "",
	"xargs": "", "watch": "", "ssh": "", "sshpass": "", "docker": "exec", "podman": "exec", "kubectl": "exec", "docker-compose": "exec",
}

// commandSpans finds the secrets that their place in one command gives away.
// The words may still have their quotes.
func commandSpans(words []string, mark func(int, span)) {
	for at := 0; at >= 0 && at < len(words); at = inner(words, at) {
		for _, f := range programs[path.Base(bare(words[at]))] {
			f.find(words, at, mark)
		}
	}
	for i := 1; i+1 < len(words); i++ {
		name, value := bare(words[i]), words[i+1]
		flag := strings.TrimPrefix(name, "--")
		named := flag != name && !strings.HasPrefix(value, "-") && secretName(flag)
		stored := words[i-1] == "set" && secretName(name[strings.LastIndexAny(name, ":/")+1:])
		if (named || stored) && !(keyName(flag) && looksLikePath(bare(value))) {
			mark(i+1, unquoted(value, span{0, len(value), "flag"}))
		}
	}
}

func bare(word string) string { return strings.Trim(word, `'"`) }

// inner returns where the command begins that words[at] wraps, or -1.
func inner(words []string, at int) int {
	behind, ok := wrappers[path.Base(bare(words[at]))]
	if !ok && !(at == 0 && strings.Contains(words[0], "=")) {
		return -1
	}
	for i := at + 1; i < len(words); i++ {
		name := path.Base(bare(words[i]))
		if behind != "" {
			if name == behind {
				behind = ""
			}
			continue
		}
		if _, ok := wrappers[name]; ok || programs[name] != nil {
			return i
		}
	}
	return -1
}

// find marks the values of f in the command that begins at words[at].
func (f valueFlag) find(words []string, at int, mark func(int, span)) {
	if f.sub != "" && !slices.Contains(words[at+1:], f.sub) {
		return
	}
	next := strings.Fields(f.next)
	for i := at + 1; i < len(words); i++ {
		w := bare(words[i])
		takes := slices.Contains(next, w) || f.ends != "" && len(w) > 2 && w[0] == '-' && w[1] != '-' && strings.HasSuffix(w, f.ends)
		if takes && i+1 < len(words) && !(strings.HasPrefix(words[i+1], "-") && len(words[i+1]) > 1) {
			i++
			f.value(words[i], i, 0, mark)
			continue
		}
		for _, g := range strings.Fields(f.glued) {
			if strings.HasPrefix(w, g) && len(w) > len(g) {
				f.value(words[i], i, strings.Index(words[i], g)+len(g), mark)
				break
			}
		}
	}
}

// value marks the secret part of word from from on.
func (f valueFlag) value(word string, i, from int, mark func(int, span)) {
	p := unquoted(word, span{from, len(word), "flag"})
	if from > 0 && strings.IndexByte(`'"`, word[0]) >= 0 && word[p.to-1] == word[0] {
		p.to-- // the quote closes a word that began before the flag
	}
	if f.after != "" {
		user, rest, ok := strings.Cut(word[p.from:p.to], f.after)
		switch {
		case !ok:
			return
		case rest == "" && len(user) >= 16: // a token in the place of the user
			p.to = p.from + len(user)
		default:
			p.from = p.to - len(rest)
		}
	}
	mark(i, p)
}

// lineSpans reads s as a shell line, roughly: words end at unquoted space,
// commands at an unquoted operator. That is enough to find flags and their
// values. A quoted word with spaces may be a line itself.
func lineSpans(s string) []span {
	var out []span
	var words []string
	var starts []int
	command := func() {
		commandSpans(words, func(i int, p span) {
			out = append(out, span{starts[i] + p.from, starts[i] + p.to, p.rule})
		})
		for i, w := range words {
			if p := unquoted(w, span{0, len(w), ""}); p.from > 0 && strings.ContainsAny(w, " \t\n") {
				for _, q := range lineSpans(w[p.from:p.to]) {
					out = append(out, span{starts[i] + p.from + q.from, starts[i] + p.from + q.to, q.rule})
				}
			}
		}
		words, starts = words[:0], starts[:0]
	}
	for i := 0; i < len(s); {
		if n := wordLen(s[i:]); n > 0 {
			words, starts = append(words, s[i:i+n]), append(starts, i)
			i += n
			continue
		}
		if strings.IndexByte("\n|;&()`", s[i]) >= 0 {
			command()
		}
		i++
	}
	command()
	return out
}

// wordLen is the length of the word that s begins with.
func wordLen(s string) int {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case strings.IndexByte(" \t\r\n|;&()<>`", c) >= 0:
			return i
		}
	}
	return len(s)
}
