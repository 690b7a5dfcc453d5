/* spawner N PARALLEL FRESH PROGRAM: starts PROGRAM N times with posix_spawn(3) in
 * each of PARALLEL processes and prints the median of the microseconds from start
 * to wait. With FRESH 1 each start has another argument. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b) {
	double d = *(const double *)a - *(const double *)b;
	return d < 0 ? -1 : d > 0;
}

int main(int argc, char **argv) {
	if (argc != 5)
		return 2;
	int n = atoi(argv[1]), parallel = atoi(argv[2]), fresh = atoi(argv[3]);
	int first = 1;
	for (int i = 1; i < parallel; i++)
		if (fork() == 0) {
			first = 0;
			break;
		}
	double *took = calloc(n, sizeof *took);
	for (int i = 0; i < n; i++) {
		char word[64];
		snprintf(word, sizeof word, "%d.%d", getpid(), fresh ? i : 0);
		char *args[] = {argv[4], word, NULL};
		pid_t pid;
		int status;
		double begin = now();
		if (posix_spawn(&pid, argv[4], NULL, NULL, args, environ) != 0)
			return 3;
		if (waitpid(pid, &status, 0) != pid || status != 0)
			return 4;
		took[i] = now() - begin;
	}
	if (!first)
		return 0;
	while (wait(NULL) > 0)
		;
	qsort(took, n, sizeof *took, by_size);
	printf("%.1f\n", took[n / 2]);
	return 0;
}
