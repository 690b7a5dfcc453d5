package test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheTrustHookOfTheExamplesSetsPolicies runs it against a server that answers
// as OpenBao does (S2-13).
func TestTheTrustHookOfTheExamplesSetsPolicies(t *testing.T) {
	var got []string
	status := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.Path+" "+r.Header.Get("X-Vault-Token")+" "+string(body))
		w.WriteHeader(status)
		if status != http.StatusNoContent {
			io.WriteString(w, `{"errors":["permission denied"]}`)
		}
	}))
	defer server.Close()
	home := t.TempDir()
	token := filepath.Join(home, "token")
	config, err := json.Marshal(map[string]any{
		"address": server.URL, "token_file": token, "policies": map[string][]string{"T1": {"read"}, "T2": {"read", "plan"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(home, ".config", "guard"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{filepath.Join(home, ".config/guard/openbao.json"): string(config), token: "s.secret\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(change string) (string, error) {
		cmd := exec.Command("../examples/trust-hooks/openbao/on-trust-change")
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
		cmd.Stdin = strings.NewReader(change)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(`{"agent": "bot", "from": "T1", "to": "T2", "cause": "promotion", "approved_by": ["ann"]}`); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if want := `POST /v1/auth/approle/role/bot s.secret {"token_policies": ["read", "plan"]}`; len(got) != 1 || got[0] != want {
		t.Errorf("the server got %q, want %q", got, want)
	}
	status = http.StatusForbidden
	if out, err := run(`{"agent": "bot", "from": "T2", "to": "T1", "cause": "manual", "approved_by": []}`); err == nil || !strings.Contains(out, "403") || !strings.Contains(out, "permission denied") {
		t.Errorf("refused by the server: %v, %q", err, out)
	}
	if out, err := run(`{"agent": "../sys", "from": "T1", "to": "T2", "cause": "promotion", "approved_by": []}`); err == nil || len(got) != 2 {
		t.Errorf("a name that is a path: %v, %q, the server got %q", err, out, got)
	}
}
