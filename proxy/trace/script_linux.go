package trace

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	headSize = 256 // BINPRM_BUF_SIZE: what the kernel looks at
	maxChain = 5   // interpreters one after the other (exec_binprm in fs/exec.c)
)

// head returns the first line of a script, nil for anything else. A program that
// cannot be read (mode 0711) would not let the Tracer see what was loaded, so it
// is an error here.
func (w *worker) head(path string) ([]byte, unix.Errno) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, errnoOf(err)
	}
	defer unix.Close(fd)
	b := w.first[:]
	clear(b)
	if _, err := unix.Read(fd, b); err != nil {
		return nil, errnoOf(err)
	}
	if b[0] != '#' || b[1] != '!' {
		return nil, 0
	}
	return b, 0
}

// interpreter parses the first bytes of a script as load_script does
// (fs/binfmt_script.c). ok is false where the kernel would answer ENOEXEC.
func interpreter(head []byte) (name, arg string, ok bool) {
	end := bytes.IndexByte(head, '\n')
	if end < 0 {
		end = len(head) - 1
		begin := 2 + blanks(head[2:end])
		if begin == end || terminator(head[begin:end]) < 0 { // it may have been cut off
			return "", "", false
		}
	}
	line := bytes.TrimRight(head[2:end], " \t")
	line = line[blanks(line):]
	if len(line) == 0 || line[0] == 0 {
		return "", "", false
	}
	sep := terminator(line)
	if sep < 0 {
		return string(line), "", true
	}
	name = string(line[:sep])
	if line[sep] == 0 {
		return name, "", true
	}
	rest := line[sep:]
	rest = rest[blanks(rest):]
	if i := bytes.IndexByte(rest, 0); i >= 0 {
		rest = rest[:i]
	}
	return name, string(rest), true
}

func blanks(b []byte) int {
	n := 0
	for n < len(b) && (b[n] == ' ' || b[n] == '\t') {
		n++
	}
	return n
}

// terminator finds the end of the interpreter's name.
func terminator(b []byte) int { return bytes.IndexAny(b, " \t\x00") }

// predict fills in c.Image, and c.Chain where line shows that c.File is a script:
// what will be loaded if nothing changes. Formats that the administrator
// registered (binfmt_misc) are left for the check of what was.
func (w *worker) predict(c *call, line []byte) unix.Errno {
	argv := c.Argv
	if len(argv) == 0 {
		argv = []string{""} // as Linux 5.18 does
	}
	exe, name := c.File, c.scriptName()
	for line != nil {
		if len(c.Chain) == maxChain {
			return unix.ELOOP
		}
		interp, arg, ok := interpreter(line)
		if !ok {
			break // ENOEXEC, for the kernel to say
		}
		words := make([]string, 0, len(argv)+2)
		words = append(words, interp)
		if arg != "" {
			words = append(words, arg)
		}
		words = append(words, name)
		argv = append(words, argv[1:]...)
		next, nextLine, errno := w.lookup(c, unix.AT_FDCWD, interp, 0)
		if errno != 0 {
			return errno
		}
		c.Chain = append(c.Chain, next)
		exe, name, line = next, interp, nextLine
	}
	c.Image = Image{Exe: exe, Argv: argv}
	return 0
}

// scriptName is what an interpreter gets as the script's name.
func (c *call) scriptName() string {
	if c.dirfd == unix.AT_FDCWD || c.Path != "" && c.Path[0] == '/' {
		return c.Path
	}
	name := "/dev/fd/" + strconv.Itoa(c.dirfd)
	if c.Path != "" {
		name += "/" + c.Path
	}
	return name
}

// lookup is locate and inspect.
func (w *worker) lookup(c *call, dirfd int, path string, flags int) (File, []byte, unix.Errno) {
	if known, ok := w.recall(c, path); ok {
		return known.file, known.head, 0
	}
	fd, errno := w.locate(c, dirfd, path, flags)
	if errno != 0 {
		return File{}, nil, errno
	}
	defer unix.Close(fd)
	return w.inspect(c, path, fd)
}
