package classify

import (
	"fmt"
	"strings"
	"testing"
)

func TestOptionsAreReadByTheProgramsOwnRules(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"a cluster", "rm -rf a", "f r | | a"},
		{"options after operands", "rm a -rf", "f r | | a"},
		{"long options", "rm --recursive --force a", "force recursive | | a"},
		{"abbreviations", "rm --recur --forc a", "force recursive | | a"},
		{"an ambiguous abbreviation stays", "git push --forc", "forc | | "},
		{"the end of options", "rm -f -- -rf", "f | | -rf"},
		{"a value that follows", "cp -t d a", "t | t=d | a"},
		{"a value in the same word", "cp -td --suffix=x a", "suffix t | t=d suffix=x | a"},
		{"a value of a long option", "cp --target-directory d a", "target-directory | target-directory=d | a"},
		{"an optional value", "ls --color=auto a", "color | color=auto | a"},
		{"a subcommand", "git -C d --no-pager push -f o m", "C f no-pager | C=d | o m"},
		{"an option of the subcommand", "git commit -m 'x y' -a", "a m | m=x y | "},
		{"nested subcommands", "docker volume rm -f v", "f | | v"},
		{"single-dash long options", "terraform -chdir=d destroy -auto-approve", "auto-approve chdir | chdir=d | "},
		{"find", "find a -name b -delete", "delete name | name=b | a"},
		{"find without a folder", "find -delete", "delete | | ."},
		{"dd", "dd if=a of=b bs=1", "bs if of | if=a of=b bs=1 | "},
		{"tar's old style", "tar xzf a -C b", "C f x z | f=a C=b | "},
		{"a mode that looks like an option", "chmod -x a", " | | -x a"},
		{"a mode after an option", "chmod -R -w a", "R | | -w a"},
		{"a signal by number", "kill -9 -1", "s | s=9 | -1"},
		{"a signal by name", "kill -KILL -1", "s | s=KILL | -1"},
		{"a signal as an option", "kill -s TERM 1", "s | s=TERM | 1"},
		{"a signal after --", "kill -9 -- -1", "s | s=9 | -1"},
		{"pkill", "pkill -9 -u dev x", "s u | s=9 u=dev | x"},
		{"words that only look like options", "echo -rf /", " | | -rf /"},
		{"an attached optional value", "sed -i.bak -e p f", "e i | i=.bak e=p | f"},
		{"an unknown program", "foo --x=y -abc -n 1 z", "a abc b c n x | x=y | 1 z"},
		{"an unknown program's value", "foo -x=y", "x | x=y | "},
		{"an option that is not wholly known", "rm -rf$X a", "f r | | a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := facts(t, at("line", c.line)).Stages[0]
			var options []string
			for _, o := range s.Options {
				options = append(options, o.Name+"="+o.Value)
			}
			got := fmt.Sprintf("%s | %s | %s", strings.Join(s.Flags, " "), strings.Join(options, " "), strings.Join(s.Operands, " "))
			if got = strings.Replace(got, " |  | ", " | | ", 1); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.line, got, c.want)
			}
		})
	}
}

func TestSubcommands(t *testing.T) {
	for line, want := range map[string]string{
		"git push":                          "push",
		"git -c a.b=c --git-dir x push":     "push",
		"git stash drop":                    "stash drop",
		"git config core.pager x":           "config",
		"docker container rm x":             "container rm",
		"docker compose down -v":            "compose down",
		"podman rm x":                       "rm",
		"kubectl -n a delete pod x":         "delete",
		"aws --profile p s3 rm s3://b":      "s3 rm",
		"systemctl --user stop x":           "stop",
		"npm run build":                     "run build",
		"terraform -chdir=x state rm y":     "state rm",
		"helm uninstall x":                  "uninstall",
		"ls push":                           "",
		"gh pr merge 12":                    "pr merge",
		"cargo +nightly build":              "+nightly",
		"go test ./...":                     "test",
		"git --version":                     "",
		"git -C $X push":                    "push",
		"ansible-playbook site.yml --check": "",
	} {
		if got := facts(t, at("line", line)).Stages[0].Sub; got != want {
			t.Errorf("%s: got %q want %q", line, got, want)
		}
	}
}
