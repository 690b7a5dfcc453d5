package receipt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func testRedactor(t testing.TB) *Redactor {
	t.Helper()
	r, err := OpenRedactor(filepath.Join(t.TempDir(), "redact.key"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// secrets are lines with the secret they contain. None of them is real.
var secrets = []struct{ line, secret string }{
	{`psql postgres://app:s3cr3t-pw@db.internal/app`, "s3cr3t-pw"},
	{`psql 'postgres://app:p@ss@word1@db/app'`, "p@ss@word1"},
	{`git clone https://x-access-token:abcdef0123456789@github.com/o/r`, "abcdef0123456789"},
	{`git push https://0123456789abcdef0123456789abcdef@git.example.com/o/r`, "0123456789abcdef0123456789abcdef"},
	{`mysql -u root -phunter2 shop`, "hunter2"},
	{`mysql -u root -p'hunter two' shop`, "hunter two"},
	{`sudo mysqldump "-phunter2" shop > x.sql`, "hunter2"},
	{`docker exec db mysql -uroot -phunter2 -e 'select 1'`, "hunter2"},
	{`ssh host mysql -phunter2`, "hunter2"},
	{`sh -c 'mysql -phunter2 shop'`, "hunter2"},
	{`bash -c "cd /srv && mysql -phunter2 shop"`, "hunter2"},
	{`cat x | mysql -phunter2`, "hunter2"},
	{`echo $(mysql -phunter2 -e 'select 1')`, "hunter2"},
	{`mysql --password=hunter2 shop`, "hunter2"},
	{`mysql --password hunter2 shop`, "hunter2"},
	{`sshpass -p hunter2 ssh root@host`, "hunter2"},
	{`sshpass -phunter2 scp a host:`, "hunter2"},
	{`sshpass -p x1y2z3 ssh host mysql -phunter2`, "hunter2"},
	{`curl -u admin:hunter2 https://api.example.com`, "hunter2"},
	{`curl -uadmin:hunter2 https://api.example.com`, "hunter2"},
	{`curl -sSu admin:hunter2 https://api.example.com`, "hunter2"},
	{`curl --user 'admin:hunter2' https://api.example.com`, "hunter2"},
	{`curl --user=admin:hunter2 https://api.example.com`, "hunter2"},
	{`curl -u 0123456789abcdef0123: https://api.example.com`, "0123456789abcdef0123"},
	{`curl -H 'Authorization: Bearer abc.def-123' https://x`, "abc.def-123"},
	{`curl -H "authorization: token 0a1b2c3d" https://x`, "0a1b2c3d"},
	{`curl -H "Authorization: Basic YWRtaW46aHVudGVyMg==" https://x`, "YWRtaW46aHVudGVyMg=="},
	{`curl -H 'X-Api-Key: 0a1b2c3d' https://x`, "0a1b2c3d"},
	{`curl -H 'PRIVATE-TOKEN: 0a1b2c3d' https://x`, "0a1b2c3d"},
	{`curl -H 'Cookie: session=0a1b2c3d' https://x`, "0a1b2c3d"},
	{`curl -d '{"user":"a","password":"hunter2"}' https://x`, "hunter2"},
	{`curl -d "{\"client_secret\": \"hunter2\"}" https://x`, "hunter2"},
	{`curl 'https://x/y?access_token=0a1b2c3d&z=1'`, "0a1b2c3d"},
	{`curl -X POST https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop`, "abcdefghijklmnop"},
	{`TOKEN=hunter2 ./deploy`, "hunter2"},
	{`export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENG`, "wJalrXUtnFEMIK7MDENG"},
	{`env GITHUB_TOKEN="hunter two" make release`, "hunter two"},
	{`MYSQL_PWD=hunter2 mysql shop`, "hunter2"},
	{`DB_PASS='hunter2' ./run`, "hunter2"},
	{`STRIPE_API_KEY=hunter2 ./run`, "hunter2"},
	{`SECRET_KEY_BASE=0a1b2c3d4e5f rails s`, "0a1b2c3d4e5f"},
	{`./run --api-key=hunter2`, "hunter2"},
	{`./run --api-key hunter2`, "hunter2"},
	{`./run --client-secret "hunter2"`, "hunter2"},
	{`java -Ddb.password=hunter2 -jar x.jar`, "hunter2"},
	{`psql "host=db user=app password=hunter2 dbname=x"`, "hunter2"},
	{`redis-cli -h cache -a hunter2 ping`, "hunter2"},
	{`mongosh -u admin -p hunter2`, "hunter2"},
	{`docker login -u me -p hunter2 registry.example.com`, "hunter2"},
	{`kubectl --token hunter2x get pods`, "hunter2x"},
	{`vault login hvs.CAESIJ1234567890abcdefghij`, "hvs.CAESIJ1234567890abcdefghij"},
	{`vault login hunter2`, "hunter2"},
	{`ldapsearch -D cn=admin -w hunter2 -b dc=x`, "hunter2"},
	{`openssl enc -aes-256-cbc -k hunter2 -in a`, "hunter2"},
	{`openssl rsa -passin pass:hunter2 -in a.pem`, "hunter2"},
	{`unzip -P hunter2 a.zip`, "hunter2"},
	{`7z x -phunter2 a.7z`, "hunter2"},
	{`smbclient -U 'me%hunter2' //srv/share`, "hunter2"},
	{`aws configure set aws_secret_access_key hunter2`, "hunter2"},
	{`npm config set //registry.example.com/:_authToken hunter2`, "hunter2"},
	{`gh secret set DEPLOY --body hunter2`, "hunter2"},
	{`echo ghp_0123456789abcdefghijABCDEFGHIJ012345`, "ghp_0123456789abcdefghijABCDEFGHIJ012345"},
	{`echo github_pat_11ABCDEFG0123456789_abcdefghij`, "github_pat_11ABCDEFG0123456789_abcdefghij"},
	{`echo AKIAIOSFODNN7EXAMPLE`, "AKIAIOSFODNN7EXAMPLE"},
	{`echo xoxb-123456789012-abcdefGHIJKL`, "xoxb-123456789012-abcdefGHIJKL"},
	{"echo " + "sk-" + "proj-0123456789abcdefghij", "sk-" + "proj-0123456789abcdefghij"},
	{`echo glpat-0123456789abcdefghij`, "glpat-0123456789abcdefghij"},
	{`echo eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-x`, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-x"},
	{"echo '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----' > k", "b3BlbnNzaC1rZXk"},
	{"cat <<E\n-----BEGIN RSA PRIVATE KEY-----\nb3BlbnNzaC1rZXk", "b3BlbnNzaC1rZXk"},
}

// harmlessLines must come through unchanged.
var harmlessLines = []string{
	``, `ls -la`, `git status`, `mkdir -p mysql/data`, `mkdir -pv a b`, `cp -p a b`, `ssh -p 2222 host`, `mysql -p shop`, `mysql -P 3306 shop`,
	`docker run -d --name mongo -p 27017:27017 mongo`, `docker run -p 8080:80 nginx`, `docker login registry.example.com`,
	`git clone git@github.com:o/r.git`, `git clone https://github.com/o/r`, `curl http://localhost:8080/a@b`, `curl https://x/y?page=2&key=name`,
	`ssh://git@github.com/o/r`, `rsync -a host:/a/b@c .`, `npm install @scope/pkg@1.2.3`, `go get example.com/m@v1.2.3`,
	`sort --key=2 -t,`, `sort --key 2 file`, `sort -k 2`, `KEYBOARD=us ./x`, `TOKENIZERS_PARALLELISM=false python x.py`, `MAX_TOKENS=1000 ./x`,
	`COMPASS=north ./x`, `BYPASS=all ./x`, `PWD=/tmp ls`, `OLDPWD=/x cd -`, `PRIMARY_KEY=user_id ./x`, `PUBLIC_KEY=abc ./x`, `monkey=1`,
	`--password-file /run/secrets/pw`, `PASSWORD_FILE=/run/secrets/pw ./x`, `TOKEN_TTL=3600 ./x`, `SSH_KEY_PATH=/a ./x`, `SECRET_NAME=db ./x`,
	`TOKEN=$TOKEN ./x`, `curl -H "Authorization: Bearer $TOKEN" x`, `curl -u "$U:$P" x`, `mysql -p"$PASS" shop`, `psql "postgres://app:$PGPASS@db/x"`,
	`curl -u admin x`, `ffmpeg -i a --pass 1 b`, `./x --token true`, `ssh-keygen -t ed25519 -f ~/.ssh/id`, `curl --key ./client.key --cert c.pem x`,
	`./x --private-key ~/.ssh/id_ed25519`, `kubectl create secret generic db --from-file=pw.txt`, `kubectl get secret token -o yaml`,
	`grep -rn password src/`, `grep -rn 'token: string' src/`, `echo "the bearer of bad news"`, `man bearer`, `rg "Authorization" -l`,
	`sk-learn-something-quite-long-name`, `disk-usage-analyzer-for-servers-01`, `find . -name '*.key'`, `openssl rsa -in a.pem -out b.pem`,
	`openssl enc -pass file:/run/pw -in a`, `zip -r a.zip dir`, `unzip a.zip -d x`, `tar -p -xf a`, `7z a x.7z dir`, `rm -rf ./data`,
	`for i in 1 2 3; do echo "$i"; done`, `awk -F: '{print $1}' /etc/passwd`, `passwd root`, `id -u nobody`, `git commit -m "rotate the token: see docs"`,
	`python3 -c 'print({"a": 1, "name": "x"})'`, `jq '.token' a.json`, `useradd -p x`, `lsof -i :8080`, `date +%H:%M:%S`,
	`blake3:0000000000000000000000000000000000000000000000000000000000000000`, `h_0123456789abcdef`, `8:30 1234567890:x`,
	`echo 'unfinished`, `a \`, `"`, `x="`,
}

func TestSecretsAreRedactedFromLines(t *testing.T) {
	r := testRedactor(t)
	for _, tt := range secrets {
		got := r.Text(tt.line)
		if strings.Contains(got, tt.secret) || !strings.Contains(got, "[redacted:") {
			t.Errorf("Text(%q) = %q", tt.line, got)
		}
		if again := r.Text(got); again != got {
			t.Errorf("redacted again, %q becomes %q", got, again)
		}
		if tt.line[0] != got[0] {
			t.Errorf("Text(%q) = %q lost its beginning", tt.line, got)
		}
	}
}

func TestOrdinaryLinesAreLeftAlone(t *testing.T) {
	r := testRedactor(t)
	for _, line := range harmlessLines {
		if got := r.Text(line); got != line {
			t.Errorf("Text(%q) = %q", line, got)
		}
		argv := strings.Fields(line)
		if got := r.Argv(argv); strings.Join(got, " ") != strings.Join(argv, " ") && !strings.ContainsAny(line, `'"`) {
			t.Errorf("Argv(%q) = %q", argv, got)
		}
	}
}

func TestSecretsAreRedactedFromArguments(t *testing.T) {
	r := testRedactor(t)
	for _, tt := range []struct {
		argv   []string
		secret string
	}{
		{[]string{"mysql", "-phunter two", "shop"}, "hunter two"},
		{[]string{"sudo", "-u", "x", "sshpass", "-p", "hunter2", "ssh", "h"}, "hunter2"},
		{[]string{"/usr/bin/curl", "-u", "me:hunter2", "x"}, "hunter2"},
		{[]string{"curl", "-H", "Authorization: Bearer hunter two", "x"}, "hunter two"},
		{[]string{"bash", "-c", "mysql -phunter2 shop"}, "hunter2"},
		{[]string{"env", "API_TOKEN=hunter two", "x"}, "hunter"},
		{[]string{"x", "--secret", "hunter2"}, "hunter2"},
		{[]string{"docker", "login", "-p", "hunter2"}, "hunter2"},
	} {
		got := r.Argv(tt.argv)
		if strings.Contains(strings.Join(got, "\x00"), tt.secret) || len(got) != len(tt.argv) || got[0] != tt.argv[0] {
			t.Errorf("Argv(%q) = %q", tt.argv, got)
		}
	}
}

func TestNoSecretReachesAnyFile(t *testing.T) {
	state := t.TempDir()
	r, err := OpenRedactor(filepath.Join(state, "redact.key"))
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, filepath.Join(state, "receipts"), Options{Redact: r})
	for _, tt := range secrets {
		add(t, l, Draft{Type: "command_decision", Scroll: "execution", Body: map[string]any{
			"argv": []string{"sh", "-c", tt.line}, "line": tt.line, "display": tt.line,
			"findings": []map[string]any{{"id": "x", "msg": "about " + tt.line}},
			// A secret found in one place is removed where no rule would see it.
			"stages": []any{map[string]any{"operands": []string{tt.secret}, "vars": map[string]any{"DB_PASSWORD": tt.secret}}},
		}})
	}
	add(t, l, Draft{Type: "command_decision", Scroll: "execution", Body: map[string]any{
		"stages": []any{map[string]any{"name": "mysql", "args": []string{"-phunter2"}}},
	}})
	l.Close()
	err = filepath.WalkDir(state, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, tt := range secrets {
			if strings.Contains(string(b), tt.secret) {
				t.Errorf("%s contains %q of %q", path, tt.secret, tt.line)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	verify(t, filepath.Join(state, "receipts"))
}

func TestTheSameSecretHasTheSameMarkUnderOneKeyOnly(t *testing.T) {
	a, b := testRedactor(t), testRedactor(t)
	x, y := a.Text("TOKEN=hunter2"), a.Text("API_TOKEN=hunter2")
	if !strings.HasSuffix(y, strings.TrimPrefix(x, "TOKEN=")) {
		t.Errorf("%q and %q differ", x, y)
	}
	if z := b.Text("TOKEN=hunter2"); z == x || a.KeyID() == b.KeyID() {
		t.Errorf("two hosts give the same mark %q", z)
	}
	if z := a.Text("TOKEN=hunter3"); z == x {
		t.Errorf("two secrets give the same mark %q", z)
	}
}

func TestAKeyThatOthersMayReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "redact.key")
	first, err := OpenRedactor(path)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := OpenRedactor(path); err != nil || again.KeyID() != first.KeyID() {
		t.Errorf("reopened: %v, %v", again, err)
	}
	os.Chmod(path, 0o640)
	if _, err := OpenRedactor(path); err == nil {
		t.Error("took a key that the group can read")
	}
	os.Chmod(path, 0o600)
	os.WriteFile(path, []byte("short"), 0o600)
	if _, err := OpenRedactor(path); err == nil {
		t.Error("took a short key")
	}
}

func TestAnotherKeyStartsAnotherSegment(t *testing.T) {
	dir := newDir(t)
	for range 2 {
		open(t, dir, Options{Redact: testRedactor(t)}).Close()
	}
	if rep := verify(t, dir); rep.Segments != 2 {
		t.Errorf("%d segments, want 2", rep.Segments)
	}
}

func FuzzRedact(f *testing.F) {
	for _, tt := range secrets {
		f.Add(tt.line)
	}
	for _, line := range harmlessLines {
		f.Add(line)
	}
	r := &Redactor{key: make([]byte, 32)}
	f.Fuzz(func(t *testing.T, line string) {
		got := r.Text(line)
		if got == line {
			return
		}
		if !strings.Contains(got, "[redacted:") {
			t.Errorf("%q became %q", line, got)
		}
		again := r.Text(got)
		for _, mark := range marks().FindAllString(got, -1) {
			if !strings.Contains(again, mark) {
				t.Errorf("%q became %q, then %q: %s is lost", line, got, again, mark)
			}
		}
		if argv := strings.Split(line, " "); len(r.Argv(argv)) != len(argv) {
			t.Errorf("Argv(%q) has another length", argv)
		}
	})
}

// Budget: 10 us for a short command, 1 s for a line of 1 MiB.
func BenchmarkRedact(b *testing.B) {
	r := &Redactor{key: make([]byte, 32)}
	long := strings.Repeat("cp -a src/file dst/file && TOKEN=hunter2 ./run; ", 1<<20/48)
	for name, line := range map[string]string{"short": "go test ./... -run TestX -count=1", "secret": "mysql -u root -phunter2 shop", "1MiB": long} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				r.Text(line)
			}
		})
	}
}
