package classify

import (
	"strings"
	"testing"
)

// TestAComposeFileOfTheLineGivesWhatOptionsWould: what a line writes into the
// file that compose then reads is as if it stood on the command line.
func TestAComposeFileOfTheLineGivesWhatOptionsWould(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"a folder", "printf 'volumes:\\n  - /srv:/s:ro\\n' > compose.yaml; docker compose up", "volume=/srv:/s:ro"},
		{"the home folder", "printf 'volumes:\\n- \"~/.ssh:/k\"\\n' > docker-compose.override.yml; docker-compose up -d", "volume=/home/dev/.ssh:/k"},
		{"the long form", "printf 'volumes:\\n  - type: bind\\n    source: /etc\\n' > /tmp/c.yml; docker compose -f /tmp/c.yml run web", "volume=/etc"},
		{"rights", "printf 'privileged: true\\npid: \"host\"\\ncap_add:\\n  - SYS_ADMIN\\n' > compose.yml; docker compose up", "privileged=true pid=host cap-add=SYS_ADMIN"},
		{"a disk", "printf 'devices:\\n  - /dev/sda:/dev/sda\\n' > compose.yml; docker compose up", "device=/dev/sda:/dev/sda"},
		{"nothing of this machine", "printf 'image: \"nginx:1\"\\nports: [\"80:80\"]\\nports:\\n  - \"8080:80\"\\nvolumes:\\n  - data:/d\\nURL: http://x:80\\n' > compose.yml; docker compose up", ""},
		{"another file", "printf 'privileged: true\\n' > compose.yml; docker compose -f other.yml up", ""},
		{"another folder", "printf 'privileged: true\\n' > sub/compose.yml; docker compose up", ""},
		{"another program", "printf 'privileged: true\\n' > compose.yml; docker ps", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts(t, at("line", c.line))
			var got []string
			for _, o := range f.Stages[len(f.Stages)-1].Options {
				if o.Name != "f" {
					got = append(got, o.Name+"="+o.Value)
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}
