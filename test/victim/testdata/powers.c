#include "victim.h"

static pid_t them;

static void report(const char *what, long result) {
	printf("%s %d: %s\n", what, them, result < 0 ? strerrorname_np(errno) : "done");
}

static void file(const char *name, int how) {
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", them, name);
	report(name, open(path, how | O_CLOEXEC));
}

/* A signal that the kernel sends in our name, when something is read. */
static long by_owner(int sig) {
	int ends[2];
	if (pipe(ends) || fcntl(ends[0], F_SETSIG, sig) || fcntl(ends[0], F_SETFL, O_ASYNC) || fcntl(ends[0], F_SETOWN, them))
		return -1;
	long n = write(ends[1], "x", 1);
	close(ends[0]);
	close(ends[1]);
	return n;
}

/* try tries on each process what would stop it, or look or reach into it. */
static void try(int argc, char **argv) {
	for (int i = 0; i < argc; i++) {
		them = atoi(argv[i]);
		static const char *const who[] = {"monitor", "front", "guardd"};
		printf("process %d is the %s\n", them, who[i % 3]);
		char b[8];
		struct rlimit one = {1, 1};
		struct iovec here = {b, sizeof b}, there = {(void *)try, sizeof b};
		siginfo_t info = {.si_signo = SIGKILL, .si_code = SI_QUEUE};
		int pidfd = syscall(SYS_pidfd_open, them, 0);
		report("kill", kill(them, SIGKILL));
		report("stop", kill(them, SIGSTOP));
		report("tgkill", syscall(SYS_tgkill, them, them, SIGKILL));
		report("tkill", syscall(SYS_tkill, them, SIGKILL));
		report("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, them, SIGKILL, &info));
		report("pidfd_send_signal", syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0));
		report("prlimit", prlimit(them, RLIMIT_NOFILE, &one, NULL));
		report("ptrace-seize", ptrace(PTRACE_SEIZE, them, 0, 0));
		report("ptrace-attach", ptrace(PTRACE_ATTACH, them, 0, 0));
		report("process_vm_readv", process_vm_readv(them, &here, 1, &there, 1, 0));
		report("process_vm_writev", process_vm_writev(them, &here, 1, &there, 1, 0));
		for (int fd = 0; fd < 16; fd++)
			report("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, fd, 0));
		file("mem", O_RDWR);
		file("fd", O_RDONLY | O_DIRECTORY);
		file("root", O_RDONLY | O_DIRECTORY);
		file("environ", O_RDONLY);
		file("oom_score_adj", O_WRONLY);
		close(pidfd);
		by_owner(SIGKILL); /* fails silently: see whether they still live */
		by_owner(SIGSTOP);
		report("alive", -!!kill(them, 0));
	}
}

/* around names the processes above this one, and what is asked for by number. */
static void around(int argc, char **argv) {
	char path[64], stat[512], *all[16], mine[2][16];
	int parent = getppid(), above = 0;
	snprintf(path, sizeof path, "/proc/%d/stat", parent);
	FILE *f = fopen(path, "r");
	if (!f || !fgets(stat, sizeof stat, f) || sscanf(strrchr(stat, ')') + 2, "%*c %d", &above) != 1)
		die(path);
	fclose(f);
	snprintf(mine[0], sizeof mine[0], "%d", parent);
	snprintf(mine[1], sizeof mine[1], "%d", above);
	all[0] = mine[0];
	all[1] = mine[1];
	for (int i = 0; i < argc && i < 14; i++)
		all[2 + i] = argv[i];
	try(2 + argc, all);
	char *words[] = {"good", NULL};
	for (int i = 0; i < 3; i++) {
		int status;
		pid_t pid = fork();
		if (!pid) {
			execve(good, words, environ);
			fail();
		}
		waitpid(pid, &status, 0);
		count(status);
	}
}

/* typing puts a letter where the terminal's reader will find it. */
static void typing(int argc, char **argv) {
	(void)argc;
	(void)argv;
	char letter = 'x', paste = 3;
	int far = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	if (far < 0 || grantpt(far) || unlockpt(far))
		die("pty");
	them = fork();
	if (them) {
		waitpid(them, NULL, 0);
		return;
	}
	setsid(); /* so that the terminal becomes its own */
	int ours = open(ptsname(far), O_RDWR);
	report("TIOCSTI", ioctl(ours, TIOCSTI, &letter));
	report("TIOCSTI-high", syscall(SYS_ioctl, ours, 0xffffffff00000000 | TIOCSTI, &letter));
	report("TIOCLINUX", ioctl(ours, TIOCLINUX, &paste));
#ifdef __x86_64__
	long r;
	char *low = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(54), "b"(ours), "c"(TIOCSTI), "d"(low) : "memory", "r8", "r9", "r10", "r11");
	errno = -r;
	report("TIOCSTI-int80", r < 0 ? -1 : 0);
#endif
	fflush(stdout);
	_exit(0);
}

const struct role powers[] = {{"powers", around}, {"typing", typing}, {0}};
