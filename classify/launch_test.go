package classify

import (
	"slices"
	"testing"
)

func TestProgramsThatStartOthersAreWalked(t *testing.T) {
	checkBrief(t, []briefCase{
		{"gdb --args", "gdb -ex run --args rm -rf x", "gdb -ex run --args rm -rf x; gdb rm -rf x"},
		{"gdb without", "gdb -ex run ./app", "gdb -ex run ./app"},
		{"lldb --", "lldb -o run -- rm x", "lldb -o run -- rm x; lldb rm x"},
		{"rr record", "rr record -o d rm x", "rr record -o d rm x; rr rm x"},
		{"an emulator", "qemu-aarch64 -cpu max -L /usr/arm -strace rm x", "qemu-aarch64 rm x"},
		{"a static emulator", "qemu-x86_64-static sh -c 'rm x'", "qemu-x86_64-static sh -c rm x; qemu-x86_64-static rm x"},
		{"a virtual machine is none", "qemu-system-x86_64 -cpu max rm x", "qemu-system-x86_64 -cpu max rm x"},
		{"an emulator's version", "qemu-arm --version", "qemu-arm --version"},
		{"nix run", "nix run nixpkgs#bash -- -c 'rm x'", "nix run nixpkgs#bash -- -c rm x; nix bash -c rm x; nix rm x"},
		{"nix run of the project", "nix run", "nix run"},
		{"bpftrace -c", "bpftrace -c 'rm x' -e 'BEGIN {}'", "bpftrace -c rm x -e BEGIN {}; bpftrace rm x"},
		{"sg", "sg users -c 'rm x; ls'", "sg rm x; sg ls"},
		{"sg without -c", "sg - users 'rm x'", "sg rm x"},
		{"newgrp reads a line", "newgrp users <<< 'rm x'", "newgrp sh; newgrp rm x"},
		{"newgrp at a terminal", "newgrp users", "newgrp users"},
		{"capsh", "capsh --drop=all -- -c 'rm x'", "capsh bash -c rm x; capsh rm x"},
		{"capsh --print", "capsh --print", "capsh --print"},
		{"daemonize", "daemonize -c /d -p f /bin/rm -f x", "daemonize -c /d -p f /bin/rm -f x; daemonize &rm -f x"},
		{"dtach", "dtach -n /tmp/s rm x", "dtach -n /tmp/s rm x; dtach &rm x"},
		{"start-stop-daemon", "start-stop-daemon --start --exec /bin/rm -- -rf x", "start-stop-daemon --start --exec /bin/rm -- -rf x; start-stop-daemon rm -rf x"},
		{"start-stop-daemon --stop", "start-stop-daemon --stop --exec /bin/rm", "start-stop-daemon --stop --exec /bin/rm"},
		{"split --filter", "split --filter='rm $FILE' -b 1k big part-", "split --filter=rm $FILE -b 1k big part-; split rm part-aa"},
		{"split without", "split -b 1k big part-", "split -b 1k big part-"},
		{"sort's compressor", "sort --compress-program='rm -rf x' big", "sort --compress-program=rm -rf x big; sort rm -rf x"},
		{"scp -S", "scp -S 'rm x' a h:b", "scp -S rm x a h:b; scp rm x"},
		{"gcc -wrapper", "gcc -wrapper rm,-rf,x a.c", "gcc -wrapper rm,-rf,x a.c; gcc rm -rf x"},
		{"a cross compiler's", "aarch64-linux-gnu-gcc-12 -wrapper rm,x a.c", "aarch64-linux-gnu-gcc-12 -wrapper rm,x a.c; aarch64-linux-gnu-gcc-12 rm x"},
		{"m4", "m4 <<'E'\ndefine(`a', `b')syscmd(`rm x')\nE", "m4; m4 rm x"},
		{"m4 that only prints", "m4 <<< 'define(a, b)'", "m4"},
		{"a program that python watches", "python3 -m cProfile -o f -m pytest -q", "python3 -m cProfile -o f -m pytest -q; python3 python3 -m pytest -q"},
	})
}

func TestTheCodeThatTimeitRunsIsRead(t *testing.T) {
	f := facts(t, at("line", `python3 -m timeit -n1 -s 'import os' 'os.remove("x")'`))
	if !slices.Contains(f.Names, "rm") {
		t.Errorf("the statement was not read: %s", brief(f))
	}
	f = facts(t, at("line", `python3 -m timeit -s 'import re' 're.match("a", "b")'`))
	if len(f.Stages) != 1 || !f.Stages[0].Payload.Read {
		t.Errorf("harmless code is in doubt: %s", brief(f))
	}
}

func TestACommandInTheWordsOfAnUnknownProgramStandsBesideIt(t *testing.T) {
	for line, want := range map[string]string{
		"runit-x --log f rm -rf x":                     "rm",
		"./scripts/with-env.sh bash -c 'ls -l'":        "ls",
		"foo /usr/bin/mv -f a b":                       "mv",
		"foo python3 -c 'import os; os.remove(\"x\")'": "rm",
		"foo dd if=/dev/zero of=x":                     "dd",
	} {
		if f := facts(t, at("line", line)); !slices.Contains(f.Names, want) {
			t.Errorf("%s: %s is not seen: %s", line, want, brief(f))
		}
	}
	for _, line := range []string{"foo rm x", "foo install -m 644 x", "tldr rm -rf x", "brew install bash -c x", "foo bash", "foo --shell bash", "cargo run -- rm -rf x", "ldd /bin/rm /bin/mv", "foo $X rm -rf x", "echo rm -rf x", "foo 'rm -rf x'"} {
		if f := facts(t, at("line", line)); len(f.Stages) != 1 {
			t.Errorf("%s: got %s", line, brief(f))
		}
	}
}
