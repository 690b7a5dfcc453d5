package rego

import (
	"strings"
	"testing"
)

func TestAChannelIsOpenedByTheOwnFolderAlone(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	in := func(layer, value string) File {
		return File{Path: layer + "/guard.json", Source: layer, Data: []byte(`{"sudo": "` + value + `"}`)}
	}
	for _, c := range []struct {
		name  string
		files []File
		want  string // the value, or the problem
	}{
		{"nobody", nil, "off"},
		{"the system", []File{in("system", "hold")}, "hold"},
		{"the user", []File{in("user", "hold")}, "hold"},
		{"the workspace", []File{in("workspace", "hold")}, "workspace: sudo: hold would loosen off; that is for the system's or your own folder"},
		{"the workspace against the user", []File{in("user", "hold"), in("workspace", "off")}, "off"},
		{"the user against the system", []File{in("system", "off"), in("user", "hold")}, "user: sudo: hold would loosen off; loosening needs a signed folder"},
		{"somebody who misspells it", []File{in("user", "allow")}, "user: sudo: allow is not accepted; want hold or off"},
	} {
		_, config, err := e.configure(Snapshot{Files: c.files})
		got, _ := config["sudo"].(string)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestHoldingSudoWaitsToBeAccepted(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	own := file("guard.json", `{"sudo": "hold"}`)
	if got := weaker(mustBuild(t, e), mustBuild(t, e, own)); len(got) != 1 || !strings.Contains(got[0], "sudo goes from off to hold") {
		t.Errorf("got %q", got)
	}
	if got := weaker(mustBuild(t, e, own), mustBuild(t, e)); len(got) != 0 {
		t.Errorf("closing it again counts as loosening: %q", got)
	}
}

// A window in minutes is a time.Duration later: a longer one than a month would wrap
// around and count nothing.
func TestAWindowOfVelocityThatWouldOverflowIsRefused(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	for minutes, ok := range map[string]bool{"43200": true, "43201": false, "153722868": false, "99999999999999999999": false, "0": false, "1.5": false} {
		own := File{Path: "user/guard.json", Source: "guard.json", Data: []byte(`{"presets": {"coding": {"velocity": {"low": {"3": {"minutes": ` + minutes + `}}}}}}`)}
		if _, _, err := e.configure(Snapshot{Files: []File{own}}); (err == nil) != ok {
			t.Errorf("%s minutes: got %v, want it taken: %v", minutes, err, ok)
		}
	}
}
