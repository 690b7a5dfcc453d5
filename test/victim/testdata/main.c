#include "victim.h"

char good[PATH_MAX], doom[PATH_MAX];
struct tally tally;

_Noreturn void die(const char *what) {
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(3);
}

_Noreturn void fail(void) { _exit(100 + errno); }

void count(int status) {
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		tally.ran++;
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		tally.killed++;
	else if (WIFEXITED(status) && (WEXITSTATUS(status) == 100 + EPERM || WEXITSTATUS(status) == 126))
		tally.refused++;
	else {
		fprintf(stderr, "status %x\n", status);
		tally.other++;
	}
}

void once(void (*start)(void)) {
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		start();
		fail();
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	count(status);
}

void a_while(void) {
	static unsigned seed;
	if (!seed)
		seed = getpid();
	if (rand_r(&seed) % 2) /* or nobody else would run meanwhile where there is one processor */
		sched_yield();
	for (volatile unsigned n = rand_r(&seed) % 150000; n; n--)
		;
}

void copy(const char *from, const char *to) {
	char b[1 << 16];
	ssize_t n;
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (in < 0 || out < 0)
		die(to);
	while ((n = read(in, b, sizeof b)) > 0)
		if (write(out, b, n) != n)
			die(to);
	close(in);
	close(out);
}

void script(const char *path, const char *first, const char *rest) {
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (fd < 0 || dprintf(fd, "#!%s\n%s", first, rest) < 0)
		die(path);
	close(fd);
}

char *hear(const char *fifo) {
	static char line[256];
	int fd = open(fifo, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
	if (n < 0)
		die(fifo);
	line[n] = 0;
	line[strcspn(line, "\n")] = 0;
	close(fd);
	return line;
}

void tell(const char *fifo, const char *text) {
	int fd = open(fifo, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%s\n", text) < 0)
		die(fifo);
	close(fd);
}

/* victim ROLE [ARG...], in a folder that has good and doom. */
int main(int argc, char **argv) {
	const struct role *all[] = {races, swaps, ways, powers, lasts};
	if (argc < 2 || !realpath("good", good) || !realpath("doom", doom))
		die("victim ROLE");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (const struct role *r = all[i]; r->name; r++)
			if (!strcmp(r->name, argv[1])) {
				r->run(argc - 2, argv + 2);
				printf("tally ran %d killed %d refused %d other %d\n", tally.ran, tally.killed, tally.refused, tally.other);
				return 0;
			}
	die("no such role");
}
