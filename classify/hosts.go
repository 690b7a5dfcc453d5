package classify

import (
	"net/netip"
	"net/url"
	"strings"
)

// peers states the hosts and URLs in a stage's words.
func (w *walk) peers(s *Stage, a *reading) {
	push := pushes(s, a)
	for i, f := range a.operands {
		w.peer(s, a, f, i, push)
	}
	for _, o := range a.options {
		switch {
		case isURL(o.value.text):
			s.addHost(urlHost(o.value, push))
		case o.name == "connect" && s.Name == "openssl":
			s.addHost(host(o.value, o.value.text, "", w.pipedData(s)))
		case hasWord("h host a address server S", o.name) && reachesDatabase(s.Name):
			s.addHost(host(o.value, o.value.text, "", push))
		}
	}
	for _, r := range s.Redirects {
		if r.Path == nil {
			continue
		}
		for _, dev := range []string{"/dev/tcp/", "/dev/udp/"} {
			if rest, ok := strings.CutPrefix(r.Path.Path, dev); ok {
				name, _, _ := strings.Cut(rest, "/")
				s.addHost(host(field{}, name, dev[5:8], r.Op != "<"))
			}
		}
	}
}

func (s *Stage) addHost(h Host) { s.Hosts = append(s.Hosts, h) }

func (w *walk) peer(s *Stage, a *reading, f field, i int, push bool) {
	t := f.text
	switch {
	case isURL(t):
		s.addHost(urlHost(f, push))
	case s.Name == "ssh" && i == 0, s.Name == "sftp" && i == 0:
		s.addHost(host(f, t, "ssh", push))
	case hasWord("nc ncat netcat telnet ftp ping dig host nslookup traceroute whois", s.Name) && i == 0 && !strings.HasPrefix(t, "@") && !a.anyFlag("l listen"):
		s.addHost(host(f, t, "", push || len(s.ReadsFrom) > 0))
	case s.Name == "cqlsh" && i == 0:
		s.addHost(host(f, t, "", push))
	case s.Name == "curl" || s.Name == "wget":
		name, _, _ := strings.Cut(t, "/")
		s.addHost(host(f, name, "http", push))
	case hasWord("http https xh", s.Name) && i < 2 && !hasWord("GET HEAD POST PUT PATCH DELETE OPTIONS", t) && !strings.ContainsAny(t, "=@"):
		if i == 0 || len(s.Hosts) == 0 {
			s.addHost(host(f, shorthand(t), "http", a.pushesJSON()))
		}
	case hasWord("scp rsync git", s.Name) && isRemoteSpec(t):
		name, _, _ := strings.Cut(t, ":")
		last := i == len(a.operands)-1
		s.addHost(host(f, name, "ssh", s.Name == "git" && push || s.Name != "git" && last))
	}
}

// pipedData reports whether something other than a fixed text is piped into s.
func (w *walk) pipedData(s *Stage) bool {
	for _, id := range s.ReadsFrom {
		if !hasWord("echo printf true yes sleep", w.stages[id].Name) {
			return true
		}
	}
	return false
}

// reachesDatabase reports whether a program's -h names a database server.
func reachesDatabase(name string) bool {
	if cl, ok := clients[name]; ok {
		return cl.sub == ""
	}
	return hasWord("mysqladmin mariadb-admin pg_dump pg_dumpall pg_basebackup pg_restore dropdb createdb mysqldump mariadb-dump mysqlimport mongodump mongoexport mongorestore", name)
}

// shorthand completes httpie's :3000/x, which is on this machine.
func shorthand(t string) string {
	name, _, _ := strings.Cut(t, "/")
	if strings.HasPrefix(name, ":") {
		return "localhost" + name
	}
	return name
}

// pushesJSON reports whether httpie sends data.
func (a *reading) pushesJSON() bool {
	return len(a.operands) > 0 && hasWord("POST PUT PATCH DELETE", a.operands[0].text)
}

func isURL(s string) bool {
	i := strings.Index(s, "://")
	if i <= 0 {
		return false
	}
	return strings.Trim(strings.ToLower(s[:i]), "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}

// isRemoteSpec reports whether a word has the form host:path.
func isRemoteSpec(s string) bool {
	name, _, ok := strings.Cut(s, ":")
	return ok && name != "" && !strings.Contains(name, "/") && !strings.HasPrefix(s, ":")
}

func urlHost(f field, push bool) Host {
	u, err := url.Parse(f.text)
	if err != nil || !f.usable() {
		scheme, rest, _ := strings.Cut(f.text, "://")
		name, _, _ := strings.Cut(rest, "/")
		h := host(f, name, strings.ToLower(scheme), push)
		if f.open != "" && strings.ContainsAny(name, "$`") {
			h.Name, h.Loopback = "", false
		}
		return h
	}
	h := host(field{}, u.Host, strings.ToLower(u.Scheme), push)
	u.User = nil
	h.URL = u.String()
	return h
}

// host makes a Host of user@name:port.
func host(f field, text, scheme string, push bool) Host {
	h := Host{Scheme: scheme, Push: push}
	if f.open != "" && !f.guess && strings.ContainsAny(text, "$`") {
		return h
	}
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = text[i+1:]
	}
	switch {
	case strings.HasPrefix(text, "["):
		text, _, _ = strings.Cut(text[1:], "]")
	case strings.Count(text, ":") == 1:
		text, _, _ = strings.Cut(text, ":")
	}
	h.Name = strings.TrimSuffix(strings.ToLower(text), ".")
	h.Loopback = loopback(h.Name)
	return h
}

func loopback(name string) bool {
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || name == "host.docker.internal" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().IsLoopback()
}

// pushes reports whether a program sends data rather than fetching it.
func pushes(s *Stage, a *reading) bool {
	switch s.Name {
	case "curl":
		if m, ok := a.value("X", "request"); ok {
			method := strings.ToUpper(m.text)
			return method != "GET" && method != "HEAD" && method != "OPTIONS"
		}
		return a.anyFlag("d data data-raw data-binary data-urlencode data-ascii json F form form-string T upload-file") && !a.anyFlag("G get")
	case "wget":
		m, ok := a.value("method")
		return a.anyFlag("post-data post-file body-data body-file") || ok && !strings.EqualFold(m.text, "GET") && !strings.EqualFold(m.text, "HEAD")
	case "git":
		return s.Sub == "push"
	}
	return false
}
