package classify

import (
	"strings"
	"testing"
)

// TestFactsSayWhatThereIsToJudge: a rule that is skipped because of this must
// not have been needed.
func TestFactsSayWhatThereIsToJudge(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", ""},
		{"ls", "stage"},
		{"cat notes.txt", "look stage"},
		{"rm notes.txt", "change stage"},
		{"chmod u+x build.sh", "change stage"},
		{"echo x > out.txt", "change stage"},
		{"echo x > /dev/null", "stage"},
		{"rm -r .", "away change stage"},
		{"rm ~/notes.txt", "away change stage"},
		{"rm /tmp/x", "change stage"},
		{"rm .guard/policy/x.rego", "away change stage"},
		{"frobctl reset --all", "data stage task"},
		{"frobctl reset q", "data stage"},
		{"dd if=/dev/zero of=/dev/sda", "away change device look stage"},
		{"CI=1 make", "env stage"},
		{"curl https://x.example", "host stage"},
		{"bash -c ls", "payload stage"},
		{"f() { f; }; f", "opaque recursive stage"},
		{"docker exec web ls", "remote stage via"},
		{"sudo make", "root stage via"},
		{"psql -c 'select 1'", "payload sql stage"},
		{"npm run deploy", "stage task"},
		{"bin/rails db:migrate", "data stage"},
		{"python3 -m http.server", "serve stage"},
		{"echo $TOKEN", "opaque shown stage"},
		{"echo hi", "stage"},
		{"terraform help destroy", "help stage task"},
		{"git push --force --help", "help stage"},
		{"$CMD", "opaque stage"},
		{"echo 'unfinished", "opaque stage"},
	} {
		if got := strings.Join(facts(t, at("line", c.line)).Has, " "); got != c.want {
			t.Errorf("%q: got %q, want %q", c.line, got, c.want)
		}
	}
}
