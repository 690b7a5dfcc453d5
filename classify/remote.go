package classify

import "strings"

// remote walks what ssh, docker, podman and kubectl start elsewhere. They are
// stages of their own, because their options and hosts matter.
func (w *walk) remote(sh *shell, c command, name string) bool {
	if name == "ssh" {
		return w.ssh(sh, c)
	}
	at, t, ok := containerWords(name, c.words)
	if !ok {
		return false
	}
	h := t.split(c.words[at:])
	id := w.program(sh, command{words: c.words[:len(c.words)-len(h.rest)], env: c.env, redir: c.redir, from: c.from, to: c.to})
	if len(h.rest) == 0 {
		return true
	}
	in := w.inside(sh, id, name)
	in.remote, in.root, in.cwd = true, false, "/"
	w.exec(in, command{words: h.rest, env: containerEnv(h), redir: redirection{stdin: c.redir.stdin, stdout: c.redir.stdout}, bare: true})
	return true
}

func containerEnv(h head) []Assign {
	var out []Assign
	for _, o := range h.options {
		if (o.name == "e" || o.name == "env") && isAssign(o.value) {
			out = append(out, assignWord(o.value))
		}
	}
	return out
}

var (
	containerExec = wrapper{short: "euwcn", long: "env env-file user workdir detach-keys container namespace", skip: 1}
	containerRun  = wrapper{short: "aceuwhlmpvn", long: containerNames, skip: 1}
	kubectlRun    = wrapper{short: "nlf", long: "image namespace env labels limits requests overrides port restart serviceaccount context cluster kubeconfig", skip: 1}
)

// containerNames are the long options of docker run and its kin that take a value.
const containerNames = "add-host annotation attach blkio-weight cap-add cap-drop cgroup-parent cgroupns cidfile cpus cpu-shares cpuset-cpus device dns dns-search entrypoint env env-file expose gpus group-add health-cmd health-interval hostname image ip ipc isolation label label-file link log-driver log-opt mac-address memory memory-swap mount name network net network-alias oom-score-adj pid pids-limit platform publish pull restart runtime security-opt shm-size stop-signal stop-timeout storage-opt sysctl tmpfs ulimit user userns uts volume volume-driver volumes-from workdir"

// containerWords finds where the options of exec or run start.
func containerWords(name string, words []field) (int, wrapper, bool) {
	global := wrapper{short: "Hlcnsfp", long: "file project-name profile env-file project-directory config context host log-level namespace server cluster user kubeconfig token as tlscacert tlscert tlskey url connection"}
	rest := words[1:]
	for range 3 {
		h := global.split(rest)
		if len(h.rest) == 0 {
			break
		}
		at := len(words) - len(h.rest) + 1
		switch h.rest[0].text {
		case "exec":
			return at, containerExec, true
		case "run":
			if name == "kubectl" {
				return at, kubectlRun, true
			}
			return at, containerRun, true
		case "compose", "container":
			rest = h.rest[1:]
			continue
		}
		break
	}
	return 0, wrapper{}, false
}

func (w *walk) ssh(sh *shell, c command) bool {
	t := wrapper{short: "BbcDEeFIiJLlmOopQRSWw", skip: 1}
	h := t.split(c.words[1:])
	id := w.program(sh, command{words: c.words[:len(c.words)-len(h.rest)], env: c.env, redir: c.redir, from: c.from, to: c.to})
	in := w.inside(sh, id, "ssh")
	in.remote, in.root, in.program, in.cwd = true, false, false, ""
	far := in.child(nil)
	far.vars = map[string]value{}
	far.stdin, far.stdout = c.redir.stdin, c.redir.stdout
	rests := [][]field{h.rest}
	if len(h.open) > 0 { // ssh $HOST CMD: the host may be what is not known
		t.skip = 0
		rests = append(rests, t.split(c.words[1:]).rest)
	}
	done := false
	for _, rest := range rests {
		if len(rest) > 0 {
			w.far(far, id, rest)
			done = true
		}
	}
	if s := w.stages[id]; !done && !h.silent(s) {
		w.fromInput(far, s, c.redir.stdin)
	}
	return true
}

// silent reports whether ssh without a command opens no shell.
func (h *head) silent(s *Stage) bool {
	return len(s.Operands) == 0 || strings.HasPrefix(s.Operands[0], "git@") || h.flags["N"] || h.flags["V"] || h.flags["O"] || h.flags["Q"] || h.flags["G"]
}

// far walks the command that ssh hands to the other end.
func (w *walk) far(sh *shell, id int, rest []field) {
	text := joined(rest)
	if text.open == "" || text.guess {
		w.line(sh, text.text)
		return
	}
	w.doubt(id, "payload", text.open)
	w.exec(sh, command{words: rest, redir: redirection{stdin: sh.stdin, stdout: sh.stdout}})
}
