package receipt

import (
	"regexp"
	"strings"
	"sync"
)

// expression compiles at first use: the small program links this package and
// seldom needs it.
func expression(s string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(s) })
}

// shapes are tokens known by their looks; the whole match is the secret.
var shapes = expression(strings.Join([]string{
	`\bgh[oprsu]_[A-Za-z0-9]{20,}`, `\bgithub_pat_[A-Za-z0-9_]{20,}`, `\bgl(?:pat|rt|dt)-[A-Za-z0-9_-]{16,}`,
	`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`, `\bAIza[0-9A-Za-z_-]{35}`, `\bxox[abeoprs]-[A-Za-z0-9-]{10,}`, `\bxapp-[A-Za-z0-9-]{10,}`,
	`\bsk-(?:ant-|proj-|or-)?[A-Za-z0-9_-]{20,}`, `\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}`, `\bwhsec_[A-Za-z0-9]{16,}`,
	`\bnpm_[A-Za-z0-9]{30,}`, `\bpypi-[A-Za-z0-9_-]{40,}`, `\bhf_[A-Za-z0-9]{30,}`, `\bdop_v1_[a-f0-9]{60,}`, `\bhv[bs]\.[A-Za-z0-9_-]{20,}`,
	`\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`, `\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`,
	`\bAGE-SECRET-KEY-1[0-9A-Z]{50,}`, `\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b`, `\btskey-[a-z]+-[A-Za-z0-9-]{16,}`,
	`-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\z)`,
}, "|"))

// The rest mark the secret as their last group.
var (
	userinfo = expression(`[A-Za-z][A-Za-z0-9+.-]*://(?:[^\s/:@'"?#]*:([^\s/'"]+)|([A-Za-z0-9_-]{20,}))@`)
	webhook  = expression(`hooks\.slack\.com/services/([A-Za-z0-9/]{20,})|discord(?:app)?\.com/api/webhooks/([0-9]+/[A-Za-z0-9_-]{20,})`)
	header   = expression(`(?i)\b(?:(?:proxy-)?authorization\s*:\s*(?:(?:basic|bearer|token|digest|negotiate|apikey)\s+)?|(?:x-)?(?:api|auth|access|vault|amz-security|goog-api|csrf|private|job|deploy)-?(?:key|token)\s*:\s*|(?:set-)?cookie\s*:\s*)([^'"\r\n]+)`)
	bearer   = expression(`(?i)\bbearer\s+([A-Za-z0-9._~+/=-]{8,})`)
	assigned = expression(`([A-Za-z_][A-Za-z0-9_.-]*)=("[^"]*"|'[^']*'|[^\s'"&;|<>()` + "`" + `]+)`)
	member   = expression(`\\?["']([A-Za-z_][A-Za-z0-9_.-]*)\\?["']\s*:\s*\\?["']([^"'\\]+)`)
)

// textSpans finds the secrets of a text.
func textSpans(s string) []span {
	if len(s) < 4 {
		return nil
	}
	return spansOf(s, look(s))
}

// spansOf finds the secrets of a text that has these looks.
func spansOf(s string, has looks) []span {
	var out []span
	if has&hasShape != 0 {
		for _, m := range shapes().FindAllStringIndex(s, -1) {
			if strings.ContainsAny(s[m[0]:m[1]], "0123456789") || strings.HasPrefix(s[m[0]:], "-----") {
				out = append(out, span{m[0], m[1], "token"})
			}
		}
	}
	if has&hasScheme != 0 {
		out = append(out, groups(userinfo(), s, "url")...)
	}
	if has&hasWebhook != 0 {
		out = append(out, groups(webhook(), s, "url")...)
	}
	if has&hasColon != 0 && headed(s) {
		out = append(out, groups(header(), s, "header")...)
	}
	if has&hasColon != 0 && has&hasQuote != 0 {
		out = append(out, members(s)...)
	}
	if has&hasBearer != 0 {
		for _, p := range groups(bearer(), s, "header") {
			if p.to-p.from >= 20 || strings.ContainsAny(s[p.from:p.to], "0123456789") {
				out = append(out, p)
			}
		}
	}
	if has&hasEquals != 0 {
		out = append(out, assignments(s)...)
	}
	if has&hasBlank != 0 && has&hasPlace != 0 {
		out = append(out, lineSpans(s)...)
	}
	return out
}

// headed says whether a colon stands behind the end of a word that the expression
// for headers asks for there.
func headed(s string) bool {
	for i := range len(s) {
		if s[i] != ':' {
			continue
		}
		name := strings.TrimRight(s[:i], " \t\r\n\f")
		switch strings.ToLower(name[max(0, len(name)-2):]) {
		case "on", "ey", "en", "ie": // authorization, key, token, cookie
			return true
		}
	}
	return false
}

// members finds secrets in JSON objects.
func members(s string) []span {
	var out []span
	for _, m := range member().FindAllStringSubmatchIndex(s, -1) {
		if secretName(s[m[2]:m[3]]) {
			out = append(out, span{m[4], m[5], "assign"})
		}
	}
	return out
}

func groups(re *regexp.Regexp, s, rule string) []span {
	var out []span
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		for i := len(m) - 2; i >= 2; i -= 2 {
			if m[i] >= 0 {
				out = append(out, span{m[i], m[i+1], rule})
				break
			}
		}
	}
	return out
}

func assignments(s string) []span {
	var out []span
	for _, m := range assigned().FindAllStringSubmatchIndex(s, -1) {
		name, p := s[m[2]:m[3]], unquoted(s, span{m[4], m[5], "assign"})
		if secretName(name) && !(keyName(name) && looksLikePath(s[p.from:p.to])) {
			out = append(out, p)
		}
	}
	return out
}

// unquoted leaves the quotes around a value where they are.
func unquoted(s string, p span) span {
	if n := p.to - p.from; n >= 2 && (s[p.from] == '\'' || s[p.from] == '"') && s[p.to-1] == s[p.from] {
		p.from, p.to = p.from+1, p.to-1
	}
	return p
}

// harmless values are no secret whatever they are assigned to: references to
// something else, and switches.
func harmless(v string) bool {
	if strings.HasPrefix(v, "$") || strings.HasPrefix(v, "`") || strings.HasPrefix(v, "{{") {
		return true
	}
	switch strings.ToLower(v) {
	case "", "true", "false", "yes", "no", "on", "off", "null", "none", "-":
		return true
	}
	return len(v) <= 2 && strings.Trim(v, "0123456789") == ""
}

func looksLikePath(v string) bool {
	return strings.HasPrefix(v, "/") || strings.HasPrefix(v, "./") || strings.HasPrefix(v, "../") || strings.HasPrefix(v, "~") ||
		strings.HasPrefix(v, "@") || strings.HasSuffix(v, ".pem") || strings.HasSuffix(v, ".key") || strings.HasSuffix(v, ".pub")
}

// secretName tells whether a variable, flag or member of this name holds a
// secret: one of its words says so, and its last word does not say that it is
// only about one (PASSWORD_FILE, TOKEN_TTL).
func secretName(name string) bool {
	words := nameWords(name)
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	if aboutSecrets[last] {
		return false
	}
	for _, w := range words {
		if secretWords[w] {
			return true
		}
	}
	return keyName(name) || len(words) > 1 && (last == "pwd" || last == "pat" || last == "pass") || last == "pass" && len(words) == 1
}

// keyName tells whether name ends in a "key" that is secret.
func keyName(name string) bool {
	words := nameWords(name)
	n := len(words)
	if n == 0 || words[n-1] != "key" {
		return false
	}
	return n == 1 && name == "KEY" || n > 1 && !openKeys[words[n-2]]
}

// nameWords splits AWS_SECRET_KEY, api-key, apiKey and _authToken into words.
func nameWords(name string) []string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		upper := 'A' <= c && c <= 'Z'
		if upper && i > 0 && 'a' <= name[i-1] && name[i-1] <= 'z' {
			b.WriteByte(' ')
		}
		if c == '_' || c == '-' || c == '.' {
			c = ' '
		}
		b.WriteByte(c)
	}
	return strings.Fields(strings.ToLower(b.String()))
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var (
	secretWords  = set("token secret password passwd passphrase apikey apitoken authtoken accesstoken secretkey privatekey dbpassword pgpassword credential credentials")
	aboutSecrets = set("file path dir url uri endpoint name id length len size ttl type header expiry expires timeout count limit max min env var format prefix policy store helper command cmd ref arn version stdin only prompt")
	openKeys     = set("public pub primary foreign sort partition cache host group order hash range row index lookup map dict hot short")
)
