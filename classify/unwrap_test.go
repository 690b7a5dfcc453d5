package classify

import (
	"slices"
	"testing"
)

func TestCommandsAreTakenOutOfTheirWrappers(t *testing.T) {
	checkBrief(t, []briefCase{
		{"sudo", "sudo rm x", "sudo ^rm x"},
		{"sudo's options", "sudo -u root -H --preserve-env=A -- rm x", "sudo ^rm x"},
		{"sudo's attached option", "sudo -uroot rm x", "sudo ^rm x"},
		{"sudo's assignments", "sudo A=1 rm x", "sudo ^rm x"},
		{"sudo without a command", "sudo -l", "sudo -l"},
		{"a root shell", "sudo -s", "sudo ^sh"},
		{"a login shell with a line", "sudo -i rm -rf x", "sudo ^rm -rf x"},
		{"doas", "doas -u root rm x", "doas ^rm x"},
		{"pkexec", "pkexec --user root rm x", "pkexec ^rm x"},
		{"run0", "run0 -u root rm x", "run0 ^rm x"},
		{"su", "su -c 'rm x' root", "su ^rm x"},
		{"su with a login", "su - root -c 'rm x'", "su ^rm x"},
		{"runuser", "runuser -u dev -- rm x", "runuser ^rm x"},
		{"env", "env -i -u X A=1 rm x", "env rm x"},
		{"env with an unknown value", "env A=$B rm x", "env rm x"},
		{"env's lone dash is -i", "env - A=1 rm x", "env rm x"},
		{"a shell by doas", "doas -s <<< 'rm x'", "doas ^sh; doas ^rm x"},
		{"a C shell", "tcsh -c 'rm x'", "tcsh -c rm x; rm x"},
		{"env -S", "env -S 'rm -rf x'", "env rm -rf x"},
		{"env alone", "env", "env"},
		{"nice", "nice -n 19 nice -10 nice --adjustment=3 rm x", "nice nice nice rm x"},
		{"ionice", "ionice -c 3 -n7 rm x", "ionice rm x"},
		{"nohup", "nohup rm x", "nohup &rm x"},
		{"setsid", "setsid -f rm x", "setsid &rm x"},
		{"timeout", "timeout -s KILL --kill-after=5 10 rm x", "timeout rm x"},
		{"timeout's version", "timeout --version", "timeout --version"},
		{"time", "time -p rm x", "time rm x"},
		{"stdbuf", "stdbuf -oL -e 0 rm x", "stdbuf rm x"},
		{"command and builtin", "builtin command -p rm x", "builtin command rm x"},
		{"command -v runs nothing", "command -v rm", "command -v rm"},
		{"exec -a", "exec -a ls rm x", "exec rm x"},
		{"chroot", "chroot --userspec=a /mnt rm x", "chroot rm x"},
		{"unshare", "unshare -m --root /x rm x", "unshare rm x"},
		{"nsenter", "nsenter -t 1 -m rm x", "nsenter rm x"},
		{"flock", "flock -n /tmp/l rm x", "flock rm x"},
		{"flock with a line", "flock /tmp/l -c 'rm x; ls'", "flock rm x; flock ls"},
		{"script", "script -qc 'rm x' /dev/null", "script rm x"},
		{"watch", "watch -n 1 'rm x'", "watch *rm x"},
		{"busybox", "busybox rm x", "busybox rm x"},
		{"systemd-run", "systemd-run --user -p A=b rm x", "systemd-run &rm x"},
		{"several", "sudo env A=1 timeout 5 nice xargs rm < f", "sudo env timeout nice ^xargs; sudo env timeout nice xargs *^rm ..."},
		{"xargs", "a | xargs -0 -n 1 rm -f", "a; xargs -0 -n 1; xargs *rm -f ..."},
		{"xargs with a place", "a | xargs -I{} rm {}", "a; xargs -I{}; xargs *rm {}"},
		{"xargs fed by the line", "echo push | xargs git", "echo push; xargs; xargs *git push"},
		{"find -exec", `find a -name b -exec rm {} \; -o -exec mv -t c {} +`, "find a -name b -exec rm {} ; -o -exec mv -t c {} +; find *rm {}; find *mv -t c {}"},
		{"fd", "fd -e o -x rm", "fd -e o; fd *rm {}"},
		{"git rebase --exec", "git rebase -x 'rm x' main", "git rebase -x rm x main; git *rm x"},
		{"git bisect run", "git bisect run rm -f x", "git bisect run rm -f x; git *rm -f x"},
		{"git bisect run's helper", "git bisect--helper run rm -f x", "git bisect--helper run rm -f x; git *rm -f x"},
		{"git submodule foreach's helper", "git submodule--helper foreach --quiet rm x", "git submodule--helper foreach --quiet rm x; git *rm x"},
		{"git submodule foreach", "git submodule foreach --recursive 'rm x; ls'", "git submodule foreach --recursive rm x; ls; git *rm x; git *ls"},
		{"git submodule foreach with words", "git submodule foreach rm x", "git submodule foreach rm x; git *rm x"},
		{"git difftool", "git difftool --extcmd='rm x' a", "git difftool --extcmd=rm x a; git *rm x"},
		{"git grep", "git grep -O'rm x' a", "git grep -Orm x a; git *rm x"},
		{"parallel", "parallel rm ::: a b", "parallel; parallel *rm a; parallel *rm b"},
		{"ssh", "ssh -p 22 h 'rm x; ls'", "ssh -p 22 h; ssh @rm x; ssh @ls"},
		{"ssh with words", "ssh h rm x", "ssh h; ssh @rm x"},
		{"ssh with input", "ssh h <<E\nrm x\nE", "ssh h; ssh @rm x"},
		{"docker exec", "docker exec -it -u root c rm x", "docker exec -it -u root c; docker @rm x"},
		{"docker run", "docker --context a run --rm -v /:/h alpine rm x", "docker --context a run --rm -v /:/h alpine; docker @rm x"},
		{"docker compose run", "docker compose -f f run web rm x", "docker compose -f f run web; docker @rm x"},
		{"kubectl exec", "kubectl -n a exec pod -c b -- rm x", "kubectl -n a exec pod -c b --; kubectl @rm x"},
		{"a shell", "bash -lc 'rm x'", "bash -lc rm x; rm x"},
		{"a shell's options", "bash --norc -o pipefail -ec 'rm x'", "bash --norc -o pipefail -ec rm x; rm x"},
		{"a shell in a shell", `sh -c "bash -c 'rm x'"`, "sh -c bash -c 'rm x'; bash -c rm x; rm x"},
		{"a shell's arguments", `sh -c 'rm "$1" $0' a b`, "sh -c rm \"$1\" $0 a b; rm b a"},
		{"eval", "eval rm '$X' x", "eval rm $X x; rm $X x"},
		{"a here-document", "sh <<E\nrm x\nE", "sh; rm x"},
		{"an indented here-document", "sh <<-E\n\trm x\n\tE", "sh; rm x"},
		{"a here-string", "bash <<< 'rm x'", "bash; rm x"},
		{"a pipe of known text", "echo cm0geA== | base64 -d | sh", "echo cm0geA==; base64 -d; sh; rm x"},
		{"a script that the line wrote", "echo 'rm x' > f && chmod +x f && ./f", "echo rm x; chmod +x f; f; rm x"},
		{"sourcing a script that the line wrote", "echo 'X=rm' > f; . ./f; $X y", "echo X=rm; . ./f; X=; rm y"},
		{"a trap with a number in it", "a & trap \"kill $!\" EXIT", "&a; trap kill 4194305 EXIT; kill 4194305"},
		{"a trap", "trap 'rm x' EXIT", "trap rm x EXIT; rm x"},
		{"a path", "/bin/rm x", "rm x"},
		{"an .exe", "rm.exe x", "rm x"},
	})
}

func TestPayloadStagesKnowTheirParent(t *testing.T) {
	f := facts(t, at("line", "bash -c 'eval ls; pwd'; id"))
	var got []int
	for _, s := range f.Stages {
		got = append(got, s.Parent)
	}
	if want := []int{-1, 0, 1, 0, -1}; !slices.Equal(got, want) {
		t.Errorf("got %v want %v", got, want)
	}
}

func TestPayloads(t *testing.T) {
	type p struct {
		kind, lang string
		read       bool
	}
	none := p{}
	for _, c := range []struct {
		name, line, stdin string
		want              p
	}{
		{"a literal line", "bash -c 'ls'", "", p{"inline", "shell", true}},
		{"a line with an unknown word", "bash -c 'ls $X'", "", p{"inline", "shell", true}},
		{"a line in an unknown folder", "bash -c 'cd $X && touch a'", "", p{"inline", "shell", true}},
		{"a line with an unknown program", "bash -c '$X'", "", p{"inline", "shell", false}},
		{"a line that is not literal", "bash -c \"$X\"", "", p{"inline", "shell", false}},
		{"a line that does not parse", "bash -c 'ls ('", "", p{"inline", "shell", false}},
		{"a here-document", "sh <<E\nls\nE", "", p{"heredoc", "shell", true}},
		{"a download", "curl http://x/ | sh", "", p{"stdin", "shell", false}},
		{"known text", "echo ls | sh", "", p{"stdin", "shell", true}},
		{"a script", "sh x.sh", "", p{"script", "shell", false}},
		{"a sourced file", "source x", "", p{"script", "shell", false}},
		{"a shell at a terminal", "bash", "terminal", none},
		{"a shell with nothing to read", "bash", "null", none},
		{"a shell with unknown input", "bash", "", p{"stdin", "shell", false}},
		{"a shell that only checks", "bash -n x.sh", "", none},
		{"a shell's version", "bash --version", "", none},
		{"python's line", "python3.12 -c 'print(1)'", "", p{"inline", "python", true}},
		{"python's here-document", "python3 - <<E\nprint(1)\nE", "", p{"heredoc", "python", true}},
		{"python's script", "python3 x.py", "", p{"script", "python", false}},
		{"python's module", "python3 -m venv .venv", "", none},
		{"python's version", "python3 --version", "", none},
		{"perl in a cluster", "perl -i.bak -pe 's/a/b/' f", "", p{"inline", "perl", true}},
		{"ruby", "ruby -e 'puts 1'", "", p{"inline", "ruby", true}},
		{"node", "node --eval=1", "", p{"inline", "node", true}},
		{"php", "php -r 'echo 1;'", "", p{"inline", "php", true}},
		{"awk that prints", "awk '/x/ || 1 {print}' f", "", p{"inline", "awk", true}},
		{"python that runs code", "python3 -c 'exec(x)'", "", p{"inline", "python", false}},
		{"node that starts something unknown", `node -e 'require("child_process").exec(x)'`, "", p{"inline", "node", false}},
		{"python that deletes", `python3 -c 'import os; os.remove("x")'`, "", p{"inline", "python", true}},
		{"sed that only edits", "sed 's/a/b/' f", "", none},
		{"sed that runs its input", "sed 's/a/b/e' f", "", p{"inline", "sed", false}},
		{"awk that starts what it reads", `awk '{system($1)}'`, "", p{"inline", "awk", false}},
		{"awk that starts a process", `awk 'BEGIN{system("ls")}'`, "", p{"inline", "awk", true}},
		{"make's rules", "make -f - <<< 'all:'", "", p{"heredoc", "make", true}},
		{"make", "make -f x all", "", none},
		{"SQL", "psql -c 'select 1'", "", p{"inline", "sql", true}},
		{"SQL from a file", "sqlite3 a.db < f.sql", "", p{"script", "sql", false}},
		{"no code", "ls", "", none},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := at("line", c.line)
			cmd.Stdin = c.stdin
			var got p
			for _, s := range facts(t, cmd).Stages {
				if s.Payload != nil {
					got = p{s.Payload.Kind, s.Payload.Lang, s.Payload.Read}
					break
				}
			}
			if got != c.want {
				t.Errorf("%s: got %+v want %+v", c.line, got, c.want)
			}
		})
	}
}

func TestProgramsWhoseFolderIsNotKnown(t *testing.T) {
	checkBrief(t, []briefCase{
		{"below a variable", "$GOPATH/bin/air -c x", "air -c x"},
		{"below a substitution", "$(npm bin)/rm -rf x", "npm bin; rm -rf x"},
		{"which", "$(which rm) -rf x", "which rm; rm -rf x"},
		{"command -v", `"$(command -v git)" push`, "command -v git; git push"},
		{"one of two", "p=$(command -v a || command -v rm); $p x", "command -v a; command -v rm; p=; a x; rm x"},
		{"not at the end", "$X/$Y z", "? z; z"},
		{"not alone", "$(which rm)x z", "which rm; ? z; z"},
		{"a default", "${RM:-rm} x", "rm x"},
	})
	for _, c := range []struct{ line, where string }{{"$GOPATH/bin/air", "folder"}, {"${RM:-rm} x", "folder"}, {"$X y", "program"}, {"/bin/r? x", "program"}} {
		f := facts(t, at("line", c.line))
		if len(f.Opaque) != 1 || f.Opaque[0].Where != c.where {
			t.Errorf("%s: got %+v, want %s", c.line, f.Opaque, c.where)
		}
	}
}

func TestHandlersAreWalkedAsTheirShellEnds(t *testing.T) {
	checkBrief(t, []briefCase{
		{"what it names is set by then", `trap 'rm "$d"' EXIT; d=x; ls`, "trap rm \"$d\" EXIT; d=; ls; rm x"},
		{"a function that is defined later", "trap f EXIT; f() { rm x; }; ls", "trap f EXIT; ls; rm x"},
		{"in a shell of its own", "bash -c 'trap \"rm x\" EXIT; ls'; pwd", "bash -c trap \"rm x\" EXIT; ls; trap rm x EXIT; ls; rm x; pwd"},
		{"in code of the same shell", `eval 'trap "rm \$d" EXIT'; d=x`, "eval trap \"rm \\$d\" EXIT; trap rm $d EXIT; d=; rm x"},
	})
}

func TestFilesThatTheLineWroteAreRead(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       []string
	}{
		{"a script", "echo 'rm x' > f; sh f", []string{"echo", "rm", "sh"}},
		{"after mkdir -p", "mkdir -p d && echo 'rm x' > d/f; sh d/f", []string{"echo", "mkdir", "rm", "sh"}},
		{"only perhaps", "a && echo 'rm x' > f; sh f", []string{"a", "echo", "sh"}},
		{"on the same way", "a && echo 'rm x' > f && sh f", []string{"a", "echo", "rm", "sh"}},
		{"in a loop", "for i in 1 2; do echo 'rm x' > f; sh f; done", []string{"echo", "rm", "sh"}},
		{"python", "echo 'import os; os.remove(\"x\")' > f; python3 f", []string{"echo", "python3", "rm"}},
		{"a makefile", "printf 'all: b\\nb:\\n\\t@rm $(X)\\n' > Makefile; make", []string{"make", "printf", "rm"}},
		{"a makefile's other target", "printf 'all:\\n\\tls\\nb:\\n\\trm x\\n' > Makefile; make", []string{"ls", "make", "printf"}},
		{"a makefile's shell", "printf 'X := $(shell rm x)\\nall:\\n\\tls\\n' | make -f -", []string{":", "ls", "make", "printf", "rm"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := facts(t, at("line", c.line)).Names; !slices.Equal(got, c.want) {
				t.Errorf("%s: got %q want %q", c.line, got, c.want)
			}
		})
	}
}

func TestRunnersAreTakenApart(t *testing.T) {
	checkBrief(t, []briefCase{
		{"npx", "npx -y rimraf@5 x", "npx -y rimraf@5 x; npx rimraf x"},
		{"npx -c", "npx -c 'rm x'", "npx -c rm x; npx rm x"},
		{"poetry run", "poetry run rm x", "poetry run rm x; poetry rm x"},
		{"options before the subcommand", "pnpm --filter web exec rm x", "pnpm --filter web exec rm x; pnpm rm x"},
		{"behind dashes", "op run --env-file=.env -- rm x", "op run --env-file=.env -- rm x; op rm x"},
		{"behind an option", "nix develop .#ci -c rm x", "nix develop .#ci -c rm x; nix rm x"},
		{"lines", "hyperfine -w 3 -p 'rm a' 'rm b'", "hyperfine -w 3 -p rm a rm b; hyperfine rm a; hyperfine rm b"},
		{"npm's scripts", "concurrently npm:dev 'rm x'", "concurrently npm:dev rm x; concurrently rm x"},
		{"elsewhere", "multipass exec vm -- rm x", "multipass exec vm -- rm x; multipass @rm x"},
		{"help", "poetry run --help", "poetry run --help"},
		{"another subcommand", "poetry install", "poetry install"},
	})
}

func TestXargsHandsOutWhatItKnows(t *testing.T) {
	checkBrief(t, []briefCase{
		{"one at a time", "printf 'a b\\n' | xargs -n 1 rm", "printf a b\\n; xargs -n 1; xargs *rm a; xargs *rm b"},
		{"a line each", "printf 'a b\\nc\\n' | xargs -I{} rm {}", "printf a b\\nc\\n; xargs -I{}; xargs *rm a b; xargs *rm c"},
		{"NUL", "printf '%s\\0' 'a b' c | xargs -0 rm", "printf %s\\0 a b c; xargs -0; xargs *rm a b c"},
	})
	f := facts(t, at("line", "cp a /etc/b | xargs cp a /etc/b"))
	if p := f.Stages[2].Paths; len(p) < 2 || p[1].Access != "write" {
		t.Errorf("what may be the target is not written: %+v", p)
	}
}

func TestWhatFindHandsToALoopIsNotKnown(t *testing.T) {
	f := facts(t, at("line", `find ~/a -exec sh -c 'for f; do unlink "$f"; done' _ {} +`))
	last := f.Stages[len(f.Stages)-1]
	if last.Name != "unlink" || len(last.Opaque) == 0 {
		t.Errorf("got %+v", last)
	}
}
