#include "victim.h"

static char here[PATH_MAX]; /* the folder, for names that interpreters get */

static const char *absolute(const char *name) {
	static char path[2 * PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", here, name);
	return path;
}

/* Each way makes "it" and "other", which are exchanged all the time. */
static void links(void) {
	if (symlink("good", "it") || symlink("doom", "other"))
		die("symlink");
}

static void renames(void) {
	copy("good", "it");
	if (symlink("doom", "other"))
		die("symlink");
}

static void folders(void) {
	if (mkdir("it", 0755) || mkdir("other", 0755) || symlink("../good", "it/it") || symlink("../doom", "other/it"))
		die("mkdir");
}

static void interpreters(void) {
	script("it", good, "");
	script("other", doom, "");
}

static void linked_interpreter(void) {
	links();
	script("script", absolute("it"), "");
}

/* What both scripts do by themselves nobody intercepts; what they start, somebody does. */
static void texts(void) {
	char line[PATH_MAX + 16];
	snprintf(line, sizeof line, "%s\n", good);
	script("it", "/bin/sh", line);
	snprintf(line, sizeof line, "%s || exit 0\n", doom);
	script("other", "/bin/sh", line);
}

static const char *program = "it";

static void execute(void) {
	char *argv[] = {(char *)program, NULL};
	execve(program, argv, environ);
}

static void exchange(void) {
	if (syscall(SYS_renameat2, AT_FDCWD, "it", AT_FDCWD, "other", 2 /* RENAME_EXCHANGE */))
		die("renameat2");
}

/* swap exchanges "it" and "other" while it is executed. */
static void swap(int argc, char **argv) {
	(void)argc;
	static const struct {
		const char *name, *program;
		void (*make)(void);
	} ways[] = {
		{"links", "it", links}, {"renames", "it", renames}, {"folders", "it/it", folders},
		{"interpreters", "it", interpreters}, {"linked-interpreter", "script", linked_interpreter}, {"texts", "it", texts},
	};
	if (!getcwd(here, sizeof here))
		die("getcwd");
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (!strcmp(argv[0], ways[i].name)) {
			ways[i].make();
			program = ways[i].program;
		}
	pid_t swapper = fork();
	if (!swapper)
		for (;; a_while())
			exchange();
	for (int n = atoi(argv[1]); n; n--)
		once(execute);
	kill(swapper, SIGKILL);
	waitpid(swapper, NULL, 0);
}

/* rewrite changes a script's text in its place: the interpreter reads it later. */
static void rewrite(int argc, char **argv) {
	char fine[PATH_MAX + 16], evil[PATH_MAX + 16];
	(void)argc;
	snprintf(fine, sizeof fine, "%s; exit 0\n", good);
	snprintf(evil, sizeof evil, "%s; exit 0\n", doom);
	script("it", "/bin/sh", fine);
	/* The file is closed between, for nothing is executed that is open for writing. */
	pid_t writer = fork();
	if (!writer)
		for (int lying = 1;; lying = !lying, a_while(), a_while()) {
			const char *text = lying ? evil : fine;
			int fd = open("it", O_WRONLY | O_CLOEXEC);
			if (pwrite(fd, text, strlen(text), strlen("#!/bin/sh\n")) < 0)
				die("pwrite");
			close(fd);
		}
	for (int n = atoi(argv[0]); n; n--)
		once(execute);
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
}

enum { SPOT = 20 };
static int fds[2];

static void *turning(void *none) {
	for (;; a_while()) {
		dup2(fds[1], SPOT);
		a_while();
		dup2(fds[0], SPOT);
	}
	return none;
}

static char *way;

static void execute_fd(void) {
	char *argv[] = {"it", NULL};
	pthread_t thread;
	pthread_create(&thread, NULL, turning, NULL);
	a_while();
	if (!strcmp(way, "empty"))
		syscall(SYS_execveat, SPOT, "", argv, environ, AT_EMPTY_PATH);
	else if (!strcmp(way, "below"))
		syscall(SYS_execveat, SPOT, "it", argv, environ, 0);
	else if (!strcmp(way, "proc"))
		execve("/proc/self/fd/20", argv, environ);
	else
		execve("link", argv, environ);
}

/* turn changes what a descriptor is while it is executed, or something below it. */
static void turn(int argc, char **argv) {
	(void)argc;
	way = argv[0];
	int below = !strcmp(way, "below"), how = O_PATH | O_CLOEXEC;
	if (below)
		folders();
	fds[0] = open(below ? "it" : good, how);
	fds[1] = open(below ? "other" : doom, how);
	if (symlink("/proc/self/fd/20", "link") || fds[0] < 0 || fds[1] < 0 || dup2(fds[0], SPOT) < 0)
		die("turn");
	for (int n = atoi(argv[1]); n; n--)
		once(execute_fd);
}

const struct role swaps[] = {{"swap", swap}, {"rewrite", rewrite}, {"turn", turn}, {0}};
