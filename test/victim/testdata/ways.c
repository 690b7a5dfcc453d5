#include "victim.h"

/* Ways to have doom executed. Each is tried once, in a child. */

static char *words[] = {"x", NULL};

static void plain(void) { execve(doom, words, environ); }
static void relative(void) { execve("doom", words, environ); }

static void below(void) { syscall(SYS_execveat, open(".", O_PATH), "doom", words, environ, 0); }
static void empty(void) { syscall(SYS_execveat, open(doom, O_PATH), "", words, environ, AT_EMPTY_PATH); }

static void by_proc(void) {
	dup2(open(doom, O_PATH), 20);
	execve("/proc/self/fd/20", words, environ);
}

static void by_dev(void) {
	dup2(open(doom, O_PATH), 20);
	execve("/dev/fd/20", words, environ);
}

static void by_link(void) {
	if (!symlink("doom", "link"))
		execve("link", words, environ);
}

/* What a link to /proc/self means, it means to whoever asks. */
static void by_own_link(void) {
	dup2(open(doom, O_RDONLY), 0);
	if (!symlink("/proc/self/fd/0", "link"))
		execve("link", words, environ);
}

static void by_cwd_of_another(void) {
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/cwd/doom", getppid());
	execve(path, words, environ);
}

static int wait_for(pid_t pid) {
	int status;
	if (pid < 0 || waitpid(pid, &status, __WALL) != pid)
		die("child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void by_vfork(void) {
	pid_t pid = vfork();
	if (!pid) {
		execve(doom, words, environ);
		_exit(100 + errno);
	}
	_exit(wait_for(pid));
}

static void by_posix_spawn(void) {
	pid_t pid;
	errno = posix_spawn(&pid, doom, NULL, NULL, words, environ);
	if (!errno)
		_exit(wait_for(pid));
}

static void *thread_main(void *none) {
	(void)none;
	plain();
	fail();
}

static void by_thread(void) {
	pthread_t t;
	pthread_create(&t, NULL, thread_main, NULL);
	pthread_join(t, NULL);
}

/* What is only in memory, as a file without a name and by fexecve(3). */
static int memory(void) {
	char b[1 << 16];
	ssize_t n;
	int in = open(doom, O_RDONLY), fd = memfd_create("good", 0);
	while ((n = read(in, b, sizeof b)) > 0)
		if (write(fd, b, n) != n)
			die("memfd");
	return fd;
}

static void memfd(void) { fexecve(memory(), words, environ); }

static void memfd_by_proc(void) {
	dup2(memory(), 20);
	execve("/proc/self/fd/20", words, environ);
}

static void deleted(void) {
	copy(doom, "copy");
	int fd = open("copy", O_PATH);
	unlink("copy");
	syscall(SYS_execveat, fd, "", words, environ, AT_EMPTY_PATH);
}

static void shebang(void) {
	script("script", doom, "");
	execve("script", words, environ);
}

static void shebang_of_shebang(void) {
	char cwd[PATH_MAX], path[PATH_MAX + 8];
	script("script", doom, "");
	snprintf(path, sizeof path, "%s/script", getcwd(cwd, sizeof cwd));
	script("outer", path, "");
	execve("outer", words, environ);
}

static void shebang_env(void) {
	setenv("PATH", ".", 1);
	script("script", "/usr/bin/env doom", "");
	execve("script", words, environ);
}

static void known_name(void) {
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/bin", getenv("HOME"));
	mkdir(path, 0755);
	strcat(path, "/ls");
	unlink(path);
	copy(doom, path);
	execve(path, words, environ);
}

static void loader(const char *program) {
	char *argv[] = {"ld.so", (char *)program, NULL};
	execve(
#if defined __x86_64__
	    "/lib64/ld-linux-x86-64.so.2"
#elif defined __aarch64__
	    "/lib/ld-linux-aarch64.so.1"
#endif
	    , argv, environ);
}

static void by_loader(void) { loader("dynamic/doom"); }

static void by_loader_and_link(void) {
	if (!symlink("dynamic/doom", "link"))
		loader("./link");
}

#ifdef __x86_64__
static long int80(long nr, void *a, void *b, void *c, long d, long e) {
	long r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory", "r8", "r9", "r10", "r11");
	return r;
}

/* low memory has what the call points at, as 32-bit programs have it. */
static struct low {
	char path[PATH_MAX];
	uint32_t argv[2], env[1];
} *low(void) {
	struct low *l = mmap(NULL, sizeof *l, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (l == MAP_FAILED)
		die("mmap");
	strcpy(l->path, doom);
	l->argv[0] = (uint32_t)(uintptr_t)l->path;
	return l;
}

static void by_int80(void) {
	struct low *l = low();
	errno = -int80(11, l->path, l->argv, l->env, 0, 0);
}

static void by_int80_at(void) {
	struct low *l = low();
	errno = -int80(358, (void *)(intptr_t)AT_FDCWD, l->path, l->argv, (uint32_t)(uintptr_t)l->env, 0);
}

static void by_x32(void) {
	struct low *l = low();
	syscall(0x40000000 + 520, l->path, l->argv, l->env);
}
#endif

static void put(const char *path, const char *text) {
	int fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

/* apart makes this process root in a user namespace, with mounts of its own. */
static void apart(int more) {
	char map[64];
	int uid = getuid(), gid = getgid();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | more)) {
		printf("forbidden: unshare: %s\n", strerror(errno));
		exit(77);
	}
	snprintf(map, sizeof map, "0 %d 1", uid);
	put("/proc/self/uid_map", map);
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %d 1", gid);
	put("/proc/self/gid_map", map);
}

static void bind_mount(void) {
	apart(0);
	if (mount(doom, good, NULL, MS_BIND, NULL))
		die("mount");
	execve(good, words, environ);
}

/* In another root, links lead elsewhere. doom finds no way to its trace there. */
static void other_root(void) {
	mkdir("root", 0755);
	copy("doom", "root/doom");
	apart(0);
	if (symlink("/doom", "root/good") || chroot("root") || chdir("/"))
		die("chroot");
	execve("/good", words, environ);
}

static void pid_namespace(void) {
	apart(CLONE_NEWPID);
	pid_t pid = fork();
	if (!pid) {
		plain();
		fail();
	}
	_exit(wait_for(pid));
}

static void pid_namespace_flip(void) {
	apart(CLONE_NEWPID);
	pid_t pid = fork();
	if (!pid) {
		if (mount("proc", "/proc", "proc", 0, NULL))
			die("mount");
		dup2(open(doom, O_PATH), 20);
		execve("/proc/self/fd/20", words, environ);
		fail();
	}
	_exit(wait_for(pid));
}

/* A format of one's own names its own interpreter (binfmt_misc in user namespaces, Linux 6.7). */
static void binfmt(void) {
	char line[PATH_MAX + 64];
	apart(0);
	mkdir("formats", 0755);
	if (mount("binfmt_misc", "formats", "binfmt_misc", 0, NULL)) {
		printf("forbidden: binfmt_misc: %s\n", strerror(errno));
		exit(77);
	}
	snprintf(line, sizeof line, ":victim:E::victim::%s:", doom);
	int fd = open("formats/register", O_WRONLY);
	if (fd < 0 || write(fd, line, strlen(line)) < 0) {
		printf("forbidden: register: %s\n", strerror(errno));
		exit(77);
	}
	close(open("x.victim", O_CREAT | O_WRONLY, 0755));
	execve("x.victim", words, environ);
}

static void undumpable(void) {
	prctl(PR_SET_DUMPABLE, 0);
	plain();
}

/* Out of every tracer's sight (CLONE_UNTRACED), then under one of its own. */
static pid_t untraced(void) { return syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0); }

static void by_untraced(void) {
	pid_t pid = untraced();
	if (!pid) {
		plain();
		fail();
	}
	_exit(wait_for(pid));
}

/* under_own_tracer lets the child go on from each stop with change. */
static void under_own_tracer(int options, void (*start)(void), void (*change)(pid_t)) {
	int status = 0;
	pid_t pid = untraced();
	if (!pid) {
		raise(SIGSTOP);
		start();
		fail();
	}
	waitpid(pid, &status, WUNTRACED | __WALL);
	if (ptrace(PTRACE_SEIZE, pid, 0, options))
		die("seize");
	kill(pid, SIGCONT);
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		change(pid);
		int sig = WSTOPSIG(status);
		int own = status >> 16 || sig == SIGTRAP || sig == SIGSTOP || sig == SIGCONT;
		ptrace(PTRACE_SYSCALL, pid, 0, own ? 0 : sig);
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}

static void nothing(pid_t pid) { (void)pid; }

static void by_own_tracer(void) { under_own_tracer(PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL, plain, nothing); }

static struct sock_filter trace_exec[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
static struct sock_filter ask_exec[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
static struct sock_filter allow_all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

static long install(struct sock_filter *f, size_t n, unsigned flags) {
	struct sock_fprog prog = {n, f};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

static void with_own_filter(void) {
	install(trace_exec, 4, 0);
	plain();
}

static void by_own_filter_and_tracer(void) {
	under_own_tracer(PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL, with_own_filter, nothing);
}

static void allowing_filter(void) {
	install(allow_all, 1, 0);
	plain();
}

#ifdef __x86_64__
static void ask_for_pid(void) {
	syscall(SYS_getpid, doom, words, environ);
	for (;;)
		pause();
}

/* Seccomp looks once more at what a tracer has put in the place of a call. */
static void make_it_execve(pid_t pid) {
	struct user_regs_struct r;
	if (!ptrace(PTRACE_GETREGS, pid, 0, &r) && r.orig_rax == SYS_getpid && r.rdi == (uintptr_t)doom) {
		r.orig_rax = SYS_execve;
		ptrace(PTRACE_SETREGS, pid, 0, &r);
	} else if (r.orig_rax == SYS_execve && (long)r.rax < 0 && r.rax != (unsigned long)-ENOSYS) {
		ptrace(PTRACE_KILL, pid, 0, 0);
		_exit(100 + -(long)r.rax);
	}
}

static void by_another_call(void) { under_own_tracer(PTRACE_O_EXITKILL, ask_for_pid, make_it_execve); }
#endif

static int listener;

static void *nodding(void *none) {
	struct seccomp_notif n;
	for (;; memset(&n, 0, sizeof n)) {
		memset(&n, 0, sizeof n);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n))
			return none;
		struct seccomp_notif_resp yes = {.id = n.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &yes);
	}
}

/* A listener of one's own says yes to everything; a child executes below it. */
static void own_listener(void) {
	pthread_t t;
	listener = install(ask_exec, 4, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	if (listener < 0) {
		if (errno != EBUSY)
			die("own listener");
		plain();
		return;
	}
	pthread_create(&t, NULL, nodding, NULL);
	pid_t pid = fork();
	if (!pid) {
		plain();
		fail();
	}
	_exit(wait_for(pid));
}

static void unheard_question(void) {
	install(ask_exec, 4, 0);
	plain();
}

static const struct way {
	const char *name;
	void (*start)(void);
} all[] = {
	{"plain", plain}, {"relative", relative}, {"below", below}, {"empty", empty}, {"proc", by_proc}, {"dev", by_dev},
	{"link", by_link}, {"own-link", by_own_link}, {"cwd-of-another", by_cwd_of_another}, {"vfork", by_vfork},
	{"posix-spawn", by_posix_spawn}, {"from-thread", by_thread}, {"memfd", memfd}, {"memfd-proc", memfd_by_proc}, {"deleted", deleted},
	{"shebang", shebang}, {"shebang-of-shebang", shebang_of_shebang}, {"shebang-env", shebang_env}, {"known-name", known_name},
	{"loader", by_loader}, {"loader-link", by_loader_and_link}, {"bind-mount", bind_mount}, {"other-root", other_root},
	{"pid-namespace", pid_namespace}, {"pid-namespace-proc", pid_namespace_flip}, {"binfmt", binfmt}, {"undumpable", undumpable},
	{"untraced", by_untraced}, {"own-tracer", by_own_tracer}, {"own-filter-and-tracer", by_own_filter_and_tracer},
	{"allowing-filter", allowing_filter}, {"own-listener", own_listener}, {"unheard-question", unheard_question},
#ifdef __x86_64__
	{"int80", by_int80}, {"int80-at", by_int80_at}, {"x32", by_x32}, {"another-call", by_another_call},
#endif
	{0},
};

/* way says with which status the child ended, without looking into it: doom's own is 66. */
static void way(int argc, char **argv) {
	(void)argc;
	for (const struct way *w = all; w->name; w++)
		if (!strcmp(w->name, argv[0])) {
			int status;
			pid_t pid = fork();
			if (!pid) {
				w->start();
				fail();
			}
			waitpid(pid, &status, 0);
			if (WIFEXITED(status) && WEXITSTATUS(status) == 66)
				printf("way: done\n");
			else if (WIFEXITED(status) && WEXITSTATUS(status) > 100)
				printf("way: %s\n", strerrorname_np(WEXITSTATUS(status) - 100));
			else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
				printf("way: SIGKILL\n");
			else
				printf("way: status %x\n", status);
			return;
		}
	printf("way: not here\n");
}

const struct role ways[] = {{"way", way}, {0}};
