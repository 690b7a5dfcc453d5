#include "victim.h"

/* A child executes what this says, while somebody else writes there. */
static struct target {
	char path[PATH_MAX + 4];
	char word[8];
	char *argv[3];
} *target;

static char *path;            /* where it begins in target->path */
static char *at;              /* the four letters that change */
static const char *say, *lie; /* to what */

static void flip(void) {
	memcpy(at, lie, 4);
	a_while();
	memcpy(at, say, 4);
	a_while();
}

static void aim(const char *what, int sharing) {
	target = mmap(NULL, sizeof *target, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
	if (target == MAP_FAILED)
		die("mmap");
	/* Nobody may read half of what changes: it is a word of memory. */
	path = target->path + 3 - (strlen(good) + 3) % 4;
	strcpy(path, good);
	strcpy(target->word, "fine");
	target->argv[0] = path;
	target->argv[1] = target->word;
	int whole = !strcmp(what, "path");
	at = whole ? path + strlen(good) - 4 : target->word;
	say = whole ? "good" : "fine";
	lie = whole ? "doom" : "evil";
}

static void execute(void) { execve(path, target->argv, environ); }

static void *flipping(void *none) {
	for (;;)
		flip();
	return none;
}

static void beside_a_thread(void) {
	pthread_t thread;
	pthread_create(&thread, NULL, flipping, NULL);
	a_while();
	execute();
}

static void thread(int argc, char **argv) {
	(void)argc;
	aim(argv[0], MAP_PRIVATE);
	for (int n = atoi(argv[1]); n; n--)
		once(beside_a_thread);
}

/* beside runs tries while another process flips. */
static void beside(pid_t flipper, int tries, void (*one)(void)) {
	if (flipper < 0)
		die("flipper");
	while (tries--)
		one();
	kill(flipper, SIGKILL);
	waitpid(flipper, NULL, __WALL);
}

static void one_fork(void) { once(execute); }

static void shared(int argc, char **argv) {
	(void)argc;
	aim(argv[0], MAP_SHARED);
	pid_t flipper = fork();
	if (!flipper)
		flipping(NULL);
	beside(flipper, atoi(argv[1]), one_fork);
}

static char stacks[2][1 << 16] __attribute__((aligned(16)));

static int flipping_process(void *none) {
	flipping(none);
	return 0;
}

static int executing_process(void *none) {
	(void)none;
	execute();
	fail();
}

static void one_clone(void) {
	int status;
	pid_t pid = clone(executing_process, stacks[1] + sizeof stacks[1], CLONE_VM | SIGCHLD, NULL);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("clone");
	count(status);
}

static void vm(int argc, char **argv) {
	(void)argc;
	aim(argv[0], MAP_PRIVATE);
	beside(clone(flipping_process, stacks[0] + sizeof stacks[0], CLONE_VM | SIGCHLD, NULL), atoi(argv[1]), one_clone);
}

/* from_outside has the parent write into the memory of the child that executes. */
static void from_outside(char **argv, int by_file) {
	aim(argv[0], MAP_PRIVATE);
	for (int n = atoi(argv[1]); n; n--) {
		int status;
		char name[64];
		pid_t pid = fork();
		if (!pid) {
			execute();
			fail();
		}
		snprintf(name, sizeof name, "/proc/%d/mem", pid);
		int fd = by_file ? open(name, O_RDWR | O_CLOEXEC) : -1;
		for (int lying = 1; !waitpid(pid, &status, WNOHANG); lying = !lying) {
			struct iovec here = {(void *)(lying ? lie : say), 4}, there = {at, 4};
			/* Fails once the program is another. */
			if (by_file ? pwrite(fd, here.iov_base, 4, (off_t)(uintptr_t)at) : process_vm_writev(pid, &here, 1, &there, 1, 0))
				a_while();
		}
		close(fd);
		count(status);
	}
}

static void mem(int argc, char **argv) { (void)argc; from_outside(argv, 1); }
static void vm_writev(int argc, char **argv) { (void)argc; from_outside(argv, 0); }

/* Signals, stops and continuations rain on a caller whose path changes. */
static void storm(int argc, char **argv) {
	(void)argc;
	aim("path", MAP_SHARED);
	pid_t flipper = fork();
	if (!flipper)
		flipping(NULL);
	signal(SIGUSR1, SIG_IGN);
	for (int n = atoi(argv[0]); n; n--) {
		int status;
		pid_t pid = fork();
		if (!pid) {
			execute();
			fail();
		}
		static const int rain[] = {SIGUSR1, SIGSTOP, SIGUSR1, SIGCONT, SIGUSR1, SIGCONT};
		for (unsigned i = 0; !waitpid(pid, &status, WNOHANG); i++) {
			kill(pid, rain[i % (sizeof rain / sizeof *rain)]);
			if (i % 7 == 0)
				a_while();
		}
		count(status);
	}
	kill(flipper, SIGKILL);
	waitpid(flipper, NULL, 0);
}

static pthread_barrier_t barrier;

static void *executing(void *path) {
	char *argv[] = {path, NULL};
	pthread_barrier_wait(&barrier);
	execve(path, argv, environ);
	if (errno != EPERM)
		fail();
	for (;;)
		pause();
}

static void six(void) {
	pthread_t t;
	pthread_barrier_init(&barrier, NULL, 6);
	for (int i = 0; i < 5; i++)
		pthread_create(&t, NULL, executing, i == 2 ? doom : good);
	executing(doom);
}

static void threads(int argc, char **argv) {
	(void)argc;
	for (int n = atoi(argv[0]); n; n--)
		once(six);
}

const struct role races[] = {
	{"thread", thread}, {"shared", shared}, {"vm", vm}, {"mem", mem}, {"vm_writev", vm_writev},
	{"storm", storm}, {"threads", threads}, {0},
};
