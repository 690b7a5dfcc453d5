package classify

import "strings"

// says notes what the words of a stage speak of, whatever the program, so that
// rules about words need not be asked about every command. It may say more than
// is so, never less: the rules look again.
func says(s *Stage, note func(fact string, holds bool)) {
	if s.Name == "" || s.Name == "git" {
		return
	}
	note("task", speaks(s, tasks) || speaksOf(s.Path, tasks) || hasWord("vercel netlify wrangler eb cap kamal dokku", s.Name))
	note("task", insists(s))
	note("data", speaks(s, dataWords))
	note("serve", speaks(s, []string{"http.server", "simplehttp", "httpd", "pyftpd", "uploadserver", "debugpy", "--inspect"}) || s.Name == "php")
	note("shown", printsVariable(s))
}

var (
	tasks = []string{
		"deploy", "publish", "releas", "promot", "rollout", "ship", "delet", "destroy", "purg", "drop", "wipe", "terminat",
		"nuk", "teardown", "decommission", "truncat", "flushall", "obliterat", "offsets", "eras", "undefin",
		"push", "upload", "prod", "live", "uninstall",
	}
	dataWords = []string{
		"migrat", "db", "database", "schema", "ecto", "doctrine", "runner", "shell", "tinker", "console", "reset", "drop",
		"downgrade", "rollback", "revert", "undo", "down", "flush", "seed", "upgrade", "loaddata", "--accept-data-loss",
		"drizzle", "dump", "clean", "update 0", "execute", "delete", "push",
	}
)

// undoing are words by which programs of any kind take something away.
const undoing = "remove rm del uninstall reset down cancel kill shutdown unregister deregister drain evict rollback clear flush expire abandon discard forget revoke prune restore demote detach abort disable unlink stop-all factory-reset reinit zap stop suspend leave retire disconnect"

// insists reports whether a stage is told to take something away, and more than
// that: not to ask, to take all, or where.
func insists(s *Stage) bool {
	undoes, more := false, len(s.Env) > 0
	for word := range strings.FieldsSeq(s.Sub) {
		undoes = undoes || hasWord(undoing, word)
	}
	for i, a := range s.Args {
		if i == 12 {
			break
		}
		topic := strings.LastIndexByte(a, ':')
		undoes = undoes || hasWord(undoing, strings.ToLower(a[topic+1:]))
		more = more || undoes && topic > 0
		more = more || len(a) < 300 && (strings.HasPrefix(a, "-") || a == "*" || a == "all" || strings.Contains(a, "://") || strings.Contains(strings.ToLower(a), "pr"))
	}
	return undoes && more
}

// mayAskForHelp reports whether one of a stage's words asks some program for help.
func mayAskForHelp(s *Stage) bool {
	for _, a := range s.Args {
		switch a {
		case "help", "-h", "-help", "--help", "--version":
			return true
		}
	}
	return s.Sub == "help"
}

// speaks reports whether the program's name or one of its first words holds one
// of some words.
func speaks(s *Stage, words []string) bool {
	if speaksOf(s.Name, words) || speaksOf(s.Sub, words) {
		return true
	}
	for i, a := range s.Args {
		if i == 12 {
			break
		}
		if len(a) < 300 && speaksOf(a, words) {
			return true
		}
	}
	return false
}

func speaksOf(text string, words []string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, strings.ToLower(w)) {
			return true
		}
	}
	return false
}

// printsVariable reports whether a stage may print a variable of its
// environment: echo $X, code that reads the environment.
func printsVariable(s *Stage) bool {
	switch {
	case hasWord("printenv ps history fc", s.Name):
		return true
	case hasWord("echo printf print", s.Name):
		return len(s.Opaque) > 0
	case hasWord("env export set declare typeset", s.Name):
		return len(s.Operands) == 0
	case speaks(s, []string{"_auth", "_password", "credentials:", "secrets:"}):
		return true
	}
	return s.Payload != nil && s.Payload.Lang != "shell" && speaksOf(s.Payload.Text, []string{"env"})
}
