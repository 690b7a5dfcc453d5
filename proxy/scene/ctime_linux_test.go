package scene

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
)

func TestAChangeShowsWhateverTimeAFileIsGiven(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x")
	before := time.Now().Add(-time.Second).UnixMicro()
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	for _, op := range []string{"text", "path"} {
		got := Observe(t.Context(), Limits{}, []proxy.Query{{Op: op, Path: file}})
		if len(got) != 1 || got[0].Ctime < before {
			t.Errorf("%s: got %+v, want a change since %d", op, got, before)
		}
	}
}
