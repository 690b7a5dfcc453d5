#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
extern char good[PATH_MAX], doom[PATH_MAX]; /* absolute; they differ in their last four letters */

/* What became of the tries. */
extern struct tally {
	int ran, killed, refused, other;
} tally;

/* count reads a wait status: 0 ran, SIGKILL killed, 100+EPERM refused,
 * and so is 126, by which shells say it (and a child ETXTBSY). */
void count(int status);

/* fail is how a child says with which errno its execution failed. */
_Noreturn void fail(void);

_Noreturn void die(const char *what);

/* once counts one try of start, which runs in a child and does not come back. */
void once(void (*start)(void));

/* a_while spins for a random time, up to about the length of a question. */
void a_while(void);

void copy(const char *from, const char *to);
void script(const char *path, const char *first, const char *rest);

/* hear waits for a line in a named pipe of the test's, tell writes one. */
char *hear(const char *fifo);
void tell(const char *fifo, const char *text);

struct role {
	const char *name;
	void (*run)(int argc, char **argv);
};
extern const struct role races[], swaps[], ways[], powers[], lasts[];
