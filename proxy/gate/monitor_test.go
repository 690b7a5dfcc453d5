package gate

import (
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

func TestWhereAProgramFileIsFrom(t *testing.T) {
	began := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	before, after := began.Add(-time.Hour).UnixNano(), began.Add(time.Second).UnixNano()
	cases := []struct {
		name string
		uid  int
		file proxy.File
		want string
	}{
		{"a file that only root can write", 1000, proxy.File{Path: "/usr/bin/ls", Ctime: after}, "system"},
		{"an own file", 1000, proxy.File{Path: "/home/dev/bin/x", Writable: true, Ctime: before}, "writable"},
		{"a new file", 1000, proxy.File{Path: "/home/dev/bin/x", Writable: true, Ctime: after}, "session"},
		{"a file changed as the session began", 1000, proxy.File{Path: "/x", Writable: true, Ctime: began.UnixNano()}, "session"},
		{"a system folder left open to all", 1000, proxy.File{Path: "/usr/bin/ls", Writable: true, Ctime: before}, "writable"},
		{"root's agent, the system's file", 0, proxy.File{Path: "/usr/bin/ls", Writable: true, Ctime: before}, "system"},
		{"root's agent, a new file there", 0, proxy.File{Path: "/usr/bin/ls", Writable: true, Ctime: after}, "session"},
		{"root's agent, somebody else's file there", 0, proxy.File{Path: "/usr/bin/ls", UID: 7, Writable: true, Ctime: before}, "writable"},
		{"root's agent, root's home folder", 0, proxy.File{Path: "/root/bin/x", Writable: true, Ctime: before}, "writable"},
		{"root's agent, the workspace", 0, proxy.File{Path: "/opt/app/x", Writable: true, Ctime: before}, "writable"},
		{"memory", 1000, proxy.File{Path: "/memfd:x", Memfd: true, Deleted: true}, "memfd"},
		{"deleted", 1000, proxy.File{Path: "/usr/bin/ls", Deleted: true}, "deleted"},
		{"without a name", 1000, proxy.File{}, "deleted"},
		{"of a container", 1000, proxy.File{Path: "/usr/bin/ls", Foreign: true}, "foreign"},
	}
	for _, c := range cases {
		s := state.Session{At: began, Started: state.Started{UID: c.uid, Workspace: "/opt/app"}}
		if got := origin(s, c.file); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheWorstOfAScriptAndItsInterpretersCounts(t *testing.T) {
	system, own, memory := proxy.File{Path: "/usr/bin/env"}, proxy.File{Path: "/w/x", Writable: true, Ctime: 1}, proxy.File{Memfd: true}
	for want, chain := range map[string][]proxy.File{
		"system": {system, system}, "session": {system, own}, "memfd": {own, system, memory},
	} {
		got := exeOf(state.Session{At: time.Unix(0, 0)}, &proxy.Call{Raw: "./x", Exe: chain[0], Chain: chain[1:]})
		if got.Origin != want || len(got.Chain) != len(chain)-1 {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}
