package rego_test

import (
	"testing"

	"github.com/f958ca95/guard/proxy"
)

// Each line looks like one that a relief is for, and is not: something else is
// deleted as well, the path leads elsewhere, what is deleted came from elsewhere
// in the same line, or the test of a search stands behind its action.
var notRelieved = []string{
	`ln -s /home/dev /tmp/x && rm -rf /tmp/x/`,
	`ln -s ~ /tmp/x; cd /tmp/x && rm -rf Documents`,
	`ln -s ~/projects node_modules && rm -rf node_modules/`,
	`ln -s / build && rm -rf build/home`,
	`mv src /tmp/x && rm -rf /tmp/x`,
	`mv ~/projects/a /tmp/x && rm -rf /tmp/x`,
	`mv src build/ && rm -rf build`,
	`mv src dist && rm -rf dist`,
	`mv src dist.old && rm -rf dist.old`,
	`mkfs.ext4 disk.img && truncate -s 64M disk.img`,
	`dd if=backup.img of=disk.img && mkfs.ext4 disk.img`,
	`rm -rf public src && hugo`,
	`rm -rf public/* ../public && hugo`,
	`rm -rf ../public && hugo`,
	`echo hugo && rm -rf public`,
	`mv src node_modules/old; rm -rf node_modules`,
	`mkdir -p src && rm -rf src`,
	`mkdir src; rm -rf src`,
	`mkdir -p ~/projects; rm -rf ~/projects`,
	`mkdir -p . && rm -rf .`,
	`rm -rf dist/*/../../src`,
	`rm -rf dist/../*`,
	`rm -rf build/*/../../{src,docs}`,
	`find . -name dist -exec rm -rf {}/../src \;`,
	`find . -name dist -exec rm -rf src {} +`,
	`find . -name dist -exec rm -rf {} src +`,
	`find . -name '*.pyc' | xargs rm -rf src`,
	`find . -name '*.pyc' -print0 | xargs -0 -I{} rm -rf {}/..`,
	`find . -name '*.pyc' -exec sh -c 'rm -rf src' \;`,
	`find . -type d -empty -exec rm -rf {}/.. \;`,
	`find . -name '*.pyc' -o -name '*' -delete`,
	`find . \( -name '*.pyc' -o -type f \) -delete`,
	`find . -name '*.pyc' -delete -o -delete`,
	`find . -delete -name '*.pyc'`,
	`find . -type d -delete -empty`,
	`find . -exec rm -rf {} + -name '*.pyc'`,
	`find . -not -name dist -delete`,
	`find . ! -name node_modules -exec rm -rf {} +`,
	`find . -name '*.pyc' -prune -o -print0 | xargs -0 rm -rf`,
	`find src -name '*.pyc' , -delete`,
	`find build/.. -delete`,
	`find build ../src -delete`,
	`find /tmp/../home -delete`,
	`find /tmp -name '..*' -delete`,
	`find /tmp -delete`,
	`find /tmp -name '*' -delete`,
	`ls *.log src | xargs rm -rf`,
	`ls -d *.log ../* | xargs rm -rf`,
	`cd /tmp/wt && git branch -D feature`,
	`git worktree add /tmp/wt && cd /tmp/wt && git branch -D main`,
	`cd /tmp/x && git push -f`,
	`cd /tmp/x; git -C /home/dev/app reset --hard`,
	`git -C /tmp/x -C /home/dev/app reset --hard`,
	`GIT_DIR=/home/dev/app/.git GIT_WORK_TREE=/home/dev/app git -C /tmp/x reset --hard`,
	`export GIT_DIR=/home/dev/app/.git; cd /tmp/x && git reset --hard`,
	`cd /tmp/x && git --work-tree=/home/dev/app --git-dir=/home/dev/app/.git clean -fdx`,
	`rm -rf README.md src`,
	`rm -rf "src "`,
	`rm -rf ./src/`,
	`rm -rf package-lock.json src`,
	`rm -rf ~/.cache`,
	`rm -rf ~/.cache/../.ssh`,
	`rm -rf ~/.cache/*`,
	`rm -rf /home/dev/.cache/x/../../projects`,
	`kill $! $PPID`,
	`kill $(jobs -p) $(pgrep node)`,
	`kill $(cat server.pid) $(pidof postgres)`,
	`kill $(cat server.pid; pgrep node)`,
	"kill `cat /etc/x.pid`",
	`pkill -P 1`,
	`pkill -P $$ node`,
	`pkill -P $PPID`,
	`git push --force-with-lease origin feature:main`,
	`git push --force-with-lease origin feature main`,
	`git push --force-with-lease --all origin feature`,
	`git push --force-with-lease -f origin feature`,
	`git push --force-with-lease origin "$B"`,
	`git push --force-with-lease origin HEAD`,
	`git push --force-with-lease origin refs/heads/main`,
	`git push --force-with-lease upstream Main`,
	`git push --dry-run=false -f origin main`,
	`git push --no-dry-run --force origin main`,
	`git clean -n -f --no-dry-run`,
	`chmod 600 ~/.ssh/config -R /`,
	`chmod 700 ~/.ssh 777`,
	`cat /dev/null > src/../data/prod.db`,
	`git checkout --ours .; git checkout -- .`,
}

func TestAReliefCoversNothingThatOnlyLooksTheSame(t *testing.T) {
	set := policy(t)
	for _, line := range notRelieved {
		if d := decide(t, set, input(t, dev("line", line))); d.Verdict == proxy.Allow {
			t.Errorf("%q runs: %v", line, d.Reliefs)
		}
	}
}

// Each line deletes or discards, and only what a relief is for.
var relieved = []string{
	`rm -rf node_modules package-lock.json && npm install`,
	`rm -rf dist build *.egg-info`,
	`rm -rf packages/*/dist packages/*/node_modules`,
	`rm -rf /tmp/guard-*/`,
	`rm -rf ~/.cache/pip ~/.npm/_cacache`,
	`rm -rf notes.txt`,
	`rm -fr vendor/bundle`,
	`mv build build.bak && rm -rf build.bak`,
	`mv a.txt /tmp/ && rm -rf /tmp/old`,
	`w=$(mktemp -d) && cp -r . "$w"; rm -rf "$w"`,
	`OUT=/tmp/out.$$ && mkdir -p $OUT && rm -rf $OUT`,
	`find . -type d -name __pycache__ | xargs rm -rf`,
	`find . -name '*.pyc' -print0 | xargs -0 rm -f`,
	`find . -name '*.tsbuildinfo' -not -path '*/node_modules/*' -delete`,
	`find . \( -name '*.pyc' -o -name '*.pyo' \) -delete`,
	`find . -type d -empty -not -path './.git/*' -delete`,
	`find build -mindepth 1 -delete`,
	`find tmp -type f -mmin +60 -delete`,
	`find /tmp -maxdepth 1 -name 'guard-test-*' -mtime +1 -exec rm -rf {} +`,
	`find /tmp/app-cache -type f -delete`,
	`ls -1 *.log | xargs rm -f`,
	`cmake -E rm -rf build`,
	`npx rimraf dist`,
	`git push --force-with-lease origin feature/login`,
	`cd $(mktemp -d) && git init -q && git reset --hard`,
	`git -C /tmp/try checkout -f main`,
}

func TestReliefsLetOrdinaryCleaningRun(t *testing.T) {
	set := policy(t)
	for _, line := range relieved {
		if d := decide(t, set, input(t, dev("line", line))); d.Verdict != proxy.Allow {
			t.Errorf("%q: got %v: %v", line, d.Verdict, d.Findings)
		}
	}
}
