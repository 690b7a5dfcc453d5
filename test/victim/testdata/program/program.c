#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the attacks want to run. The test writes the file's name over the marks. */
static volatile char trace[] = "TRACE.........................................................."
	"................................................................................"
	"................................................................................";

/* good leaves a trace only if its words were exchanged, doom whatever they are. */
int main(int argc, char **argv) {
	int leave = DOOM;
	for (int i = 1; i < argc; i++)
		leave |= !strcmp(argv[i], "evil");
	if (leave) {
		int fd = open((const char *)trace, O_WRONLY | O_CREAT | O_APPEND, 0666);
		dprintf(fd, "%s\n", argc ? argv[0] : "");
	}
	return leave ? 66 : 0;
}
