#include "victim.h"

static const char *outcome(const char *path, char **argv) {
	static char text[32];
	int status;
	pid_t pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execvp(path, argv);
		fail();
	}
	if (waitpid(pid, &status, 0) != pid)
		die("child");
	if (WIFSIGNALED(status))
		return "killed";
	if (WEXITSTATUS(status) == 100 + EPERM || WEXITSTATUS(status) == 100 + ENOSYS)
		return strerrorname_np(WEXITSTATUS(status) - 100);
	snprintf(text, sizeof text, "%d", WEXITSTATUS(status));
	return text;
}

static const char *started(const char *path) { return outcome(path, (char *[]){"x", NULL}); }

/* detached runs on as a child of nobody's, without terminal, when this process has ended. */
static int detached(void) {
	pid_t pid = fork();
	if (!pid) {
		setsid();
		if (fork())
			_exit(0);
		int null = open("/dev/null", O_RDWR);
		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		return 1;
	}
	waitpid(pid, NULL, 0);
	return 0;
}

static void say(const char *answer) { tell("answer", answer); }

/* orders starts what it is told by its name, one after the other. */
static void orders(void) {
	for (;;) {
		char *order = hear("order");
		if (!strcmp(order, "end"))
			exit(0);
		say(started(!strcmp(order, "doom") ? doom : good));
	}
}

static void obey(int argc, char **argv) {
	(void)argc;
	(void)argv;
	orders();
}

static void survive(int argc, char **argv) {
	(void)argc;
	(void)argv;
	if (detached())
		orders();
}

/* voter answers holds whose ids it is told, in every way it knows. */
static void voter(int argc, char **argv) {
	(void)argc;
	(void)argv;
	if (!detached())
		return;
	for (;;) {
		char *id = hear("order"), all[256];
		if (!strcmp(id, "end"))
			exit(0);
		char *plainly[] = {"guard", "approve", id, NULL}, *copied[] = {"./copied", "approve", id, NULL},
		     *forgetting[] = {"env", "-u", "GUARD_SESSION", "./copied", "approve", id, NULL},
		     *lying[] = {"env", "GUARD_SESSION=s_000000000000", "./copied", "approve", id, NULL},
		     *denying[] = {"./copied", "deny", id, NULL};
		int n = snprintf(all, sizeof all, "%s ", outcome("guard", plainly));
		n += snprintf(all + n, sizeof all - n, "%s ", outcome("./copied", copied));
		n += snprintf(all + n, sizeof all - n, "%s ", outcome("env", forgetting));
		n += snprintf(all + n, sizeof all - n, "%s ", outcome("env", lying));
		snprintf(all + n, sizeof all - n, "%s", outcome("./copied", denying));
		say(all);
	}
}

/* nested has another guard, or none, start doom. */
static void nested(int argc, char **argv) {
	(void)argc;
	(void)argv;
	char *all[][12] = {
		{"guard", "--", doom, NULL},
		{"guard", "--exec-hook=off", "--", doom, NULL},
		{"env", "-u", "GUARD_SESSION", "guard", "--", doom, NULL},
		{"env", "-u", "GUARD_SESSION", "guard", "--exec-hook=off", "--agent=other", "--", doom, NULL},
		{"env", "GUARD_SESSION=s_000000000000", "guard", "--", doom, NULL},
		{"env", "GUARD_HOME=own", "guard", "--", doom, NULL},
		{"env", "-u", "GUARD_SESSION", "GUARD_HOME=own", "guard", "--exec-hook=off", "--", doom, NULL},
		{"env", "LD_PRELOAD=./good", "PATH=.", "guard", "--", doom, NULL},
		{"env", "LD_PRELOAD=./good", "./doom", NULL},
		{"setsid", "./doom", NULL},
		{"nohup", "nice", "./doom", NULL},
		{"xargs", "-a", "list", "env", NULL},
	};
	FILE *list = fopen("list", "w");
	fprintf(list, "%s\n", doom);
	fclose(list);
	mkdir("own", 0700);
	symlink(doom, "guard");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		printf("nested %zu: %s\n", i, outcome(all[i][0], all[i]));
}

/* allow answers whatever is asked at a socket as a guardd would that allows it. */
static void allow(const char *path) {
	static const char hello[] = "{\"type\":\"hello\",\"hello\":{\"protocol\":\"guard\",\"version\":1,\"oldest\":1}}\n";
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	unlink(path);
	if (bind(s, (void *)&at, sizeof at) || listen(s, 8))
		die(path);
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		char line[1 << 16], *id;
		int c = accept(s, NULL, NULL);
		if (fork()) {
			close(c);
			continue;
		}
		FILE *in = fdopen(c, "r");
		dprintf(c, "%s", hello);
		while (fgets(line, sizeof line, in))
			if ((id = strstr(line, "\"id\":")))
				dprintf(c, "{\"type\":\"reply\",\"id\":%d,\"answer\":{\"verdict\":\"allow\",\"exact\":true}}\n", atoi(id + 5));
		exit(0);
	}
}

/* impostor stands in for guardd, first for nested guards and then, when the real one is gone, for all. */
static void impostor(int argc, char **argv) {
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/guardd.sock", getenv("GUARD_HOME"));
	allow(path);
	nested(argc, argv);
	orders();
}

/* held executes something that a person is asked about, and rewrites the call once it is told to. */
static void held(int argc, char **argv) {
	(void)argc;
	char *what = argv[0], *path = strdup(good), word[] = "fine";
	char *program = path;
	if (!strcmp(what, "link")) {
		if (symlink("good", "it") || symlink("doom", "other"))
			die("symlink");
		program = "it";
	} else if (!strcmp(what, "file")) {
		copy("good", "it");
		copy("doom", "other");
		program = "it";
	} else if (!strcmp(what, "interpreter") || !strcmp(what, "script")) {
		char cwd[PATH_MAX - 8], it[PATH_MAX];
		snprintf(it, sizeof it, "%s/it", getcwd(cwd, sizeof cwd));
		copy("good", "it");
		copy("doom", "other");
		script("script", it, "");
		program = "./script";
	}
	char *words[] = {"x", "ask", word, NULL};
	int status;
	pid_t pid = fork();
	if (!pid) {
		execve(program, words, environ);
		fail();
	}
	hear("order");
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/mem", pid);
	int fd = open(name, O_RDWR);
	for (int changes = 0; !waitpid(pid, &status, WNOHANG); changes++) {
		int lying = !(changes & 1);
		if (!strcmp(what, "path"))
			pwrite(fd, lying ? "doom" : "good", 4, (off_t)(uintptr_t)(path + strlen(path) - 4));
		else if (!strcmp(what, "word"))
			pwrite(fd, lying ? "evil" : "fine", 4, (off_t)(uintptr_t)word);
		else if (!changes && strcmp(what, "nothing") && strcmp(what, "script"))
			syscall(SYS_renameat2, AT_FDCWD, "it", AT_FDCWD, "other", 2 /* RENAME_EXCHANGE */);
		if (!changes)
			say("changed");
		a_while();
	}
	count(status);
}

/* Each of four spawns, and has threads, scripts and orphans spawn. */
static void spawn(char **argv) {
	pid_t pid;
	int status;
	errno = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);
	if (errno)
		die("spawn");
	waitpid(pid, &status, 0);
	count(status);
}

static void *spawning(void *none) {
	(void)none;
	execve(good, (char *[]){"good", "from", "thread", NULL}, environ);
	fail();
}

static void as_thread(void) {
	pthread_t t;
	pthread_create(&t, NULL, spawning, NULL);
	pthread_join(t, NULL);
}

static void orphan(void) {
	if (!fork())
		spawning(NULL);
	_exit(0);
}

static void spawner(int n) {
	for (int i = 0; i < n; i++)
		switch (i % 16) {
		case 3:
			once(as_thread);
			break;
		case 7:
			spawn((char *[]){"./script", NULL});
			break;
		case 11:
			once(orphan);
			break;
		default:
			spawn((char *[]){good, NULL});
		}
	printf("tally ran %d killed %d refused %d other %d\n", tally.ran, tally.killed, tally.refused, tally.other);
	exit(0);
}

/* zombies counts the children of a process that nobody has collected. */
static int zombies(pid_t of) {
	int n = 0;
	FILE *all = popen("exec cat /proc/[0-9]*/stat 2>/dev/null", "r");
	for (char line[1024]; all && fgets(line, sizeof line, all);) {
		char state, *rest = strrchr(line, ')');
		int parent;
		if (rest && sscanf(rest + 2, "%c %d", &state, &parent) == 2 && state == 'Z' && parent == of)
			n++;
	}
	pclose(all);
	return n;
}

static void soak(int argc, char **argv) {
	(void)argc;
	enum { SPAWNERS = 4 };
	script("script", "/bin/sh", "exit 0\n");
	for (int i = 0; i < SPAWNERS; i++)
		if (!fork())
			spawner(atoi(argv[0]) / SPAWNERS);
	while (wait(NULL) > 0)
		;
	int left;
	for (int tries = 3000; (left = zombies(getppid())) && tries; tries--)
		usleep(100000);
	printf("zombies %d\n", left);
}

static volatile int poked;

/* idle is a program like any other, until somebody changes it while it runs. */
static void idle(int argc, char **argv) {
	(void)argc;
	printf("%p\n", (void *)&poked);
	fflush(stdout);
	while (!poked)
		usleep(1000);
	close(open(argv[0], O_WRONLY | O_CREAT, 0644));
}

/* beyond does what no look at executions can see or stop. */
static void beyond(int argc, char **argv) {
	(void)argc;
	char *what = argv[0], *trace = argv[1];
	if (!strcmp(what, "copy")) {
		copy("doom", "copy");
		outcome("./copy", (char *[]){"./copy", NULL});
	} else if (!strcmp(what, "hard-link")) {
		if (link("doom", "copy"))
			die("link");
		outcome("./copy", (char *[]){"./copy", NULL});
	} else if (!strcmp(what, "own-code")) {
		close(open(trace, O_WRONLY | O_CREAT, 0644));
	} else if (!strcmp(what, "outside")) {
		tell("order", "doom");
		hear("answer");
	} else if (!strcmp(what, "memory")) {
		int ends[2], one = 1;
		char address[32] = "", name[64];
		if (pipe(ends))
			die("pipe");
		pid_t pid = fork();
		if (!pid) {
			dup2(ends[1], 1);
			execv("./victim", (char *[]){"victim", "idle", trace, NULL});
			fail();
		}
		if (read(ends[0], address, sizeof address - 1) <= 0)
			die("idle");
		snprintf(name, sizeof name, "/proc/%d/mem", pid);
		int fd = open(name, O_RDWR);
		if (pwrite(fd, &one, sizeof one, (off_t)strtoull(address, NULL, 16)) != sizeof one)
			die(name);
		waitpid(pid, NULL, 0);
	} else
		die("beyond what?");
}

const struct role lasts[] = {
	{"idle", idle}, {"beyond", beyond}, {"orders", obey},
	{"survive", survive}, {"voter", voter}, {"nested", nested}, {"impostor", impostor}, {"held", held}, {"soak", soak}, {0},
};
