package victim

import "testing"

// beyond is what a guard of executions cannot stop, with the reason.
var beyond = []struct{ what, why string }{
	{"copy", "names are no identities: a program under another name is another program, here an unknown one of the workspace"},
	{"hard-link", "as a copy; another user's file cannot be linked (fs.protected_hardlinks)"},
	{"own-code", "what an allowed program does by itself is no execution: system calls, builtins, redirections, libraries, io_uring (which cannot execute)"},
	{"memory", "what runs may be changed by its own user afterwards, which is as if it had been in the program"},
	{"outside", "a server that somebody started outside (tmux, D-Bus, docker, cron) acts as that person; guard doctor lists those it finds"},
}

// What is written here as impossible has to be so: a limit that has gone is one
// that nobody should be told of.
func TestWhatLiesBeyondIsAsDocumented(t *testing.T) {
	w := newWorld(t)
	for _, c := range beyond {
		t.Run(c.what, func(t *testing.T) {
			p := w.plot(t)
			if c.what == "outside" {
				server := p.at(p.dir, "guard")
				server.Path, server.Args = p.dir+"/victim", []string{"victim", "orders"}
				must(t, server.Start())
				defer func() {
					p.order(t, "end")
					_ = server.Wait()
				}()
			}
			out, status := p.guard(t, nil, "beyond", c.what, p.trace)
			if !p.left() {
				t.Errorf("did not happen (status %d), and is said to be beyond guard: %s\n%s", status, c.why, out)
			}
			t.Logf("not stopped: %s", c.why)
		})
	}
}
