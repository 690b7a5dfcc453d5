//go:build linux

package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

func init() {
	roles["flip"] = flip
	roles["flip-fd"] = flipDescriptor
	roles["flip-folder"] = flipFolder
	roles["at-once"] = executeAtOnce
	roles["descriptor"] = executeDescriptor
	roles["below"] = executeBelow
	roles["forbidden"] = tryForbidden
	roles["undumpable"] = executeUndumpable
	roles["big"] = executeBig
}

// execAt is execveat(2) with pointers to memory that may change. Go has to know that
// the call may wait: whoever changes the memory meanwhile needs the processor, of
// which there may be only one.
func execAt(dir int, path unsafe.Pointer, flags int, argv ...unsafe.Pointer) unix.Errno {
	argv = append(argv, nil)
	_, _, e := unix.Syscall6(unix.SYS_EXECVEAT, uintptr(dir), uintptr(path), uintptr(unsafe.Pointer(&argv[0])), 0, uintptr(flags), 0)
	runtime.KeepAlive(argv)
	return e
}

func zero(s string) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData([]byte(s + "\x00"))) }

// signal and wait are over named pipes, which both ends open.
func signal(fifo string) error {
	f, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

func wait(fifo string) error {
	f, err := os.Open(fifo)
	if err != nil {
		return err
	}
	return f.Close()
}

// flip executes args[2], with the word args[3], and overwrites both by args[4] and
// args[5] when it is told to, which is while the call waits.
func flip(args []string) error {
	path, word := []byte(args[2]+"\x00"), []byte(args[3]+"\x00")
	done := make(chan error, 1)
	go func() {
		err := wait(args[0])
		copy(path, args[4]+"\x00")
		copy(word, args[5]+"\x00")
		done <- errors.Join(err, signal(args[1]))
	}()
	runtime.LockOSThread()
	errno := execAt(unix.AT_FDCWD, unsafe.Pointer(&path[0]), 0, zero("echo"), unsafe.Pointer(&word[0]))
	return errors.Join(errno, <-done)
}

// flipDescriptor does it with the file under a descriptor.
func flipDescriptor(args []string) error {
	fd, err := unix.Open(args[2], unix.O_PATH, 0)
	if err != nil {
		return err
	}
	other, err := unix.Open(args[4], unix.O_PATH, 0)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		err := wait(args[0])
		done <- errors.Join(err, unix.Dup2(other, fd), signal(args[1]))
	}()
	runtime.LockOSThread()
	errno := execAt(fd, zero(""), unix.AT_EMPTY_PATH, zero("echo"), zero(args[3]))
	return errors.Join(errno, <-done)
}

// flipFolder does it with the working directory.
func flipFolder(args []string) error {
	done := make(chan error, 1)
	go func() {
		err := wait(args[0])
		done <- errors.Join(err, unix.Chdir("/"), signal(args[1]))
	}()
	runtime.LockOSThread()
	errno := execAt(unix.AT_FDCWD, zero(args[2]), 0, zero("echo"), zero(args[3]))
	return errors.Join(errno, <-done)
}

// executeAtOnce has six threads execute args[0]; one wins.
func executeAtOnce(args []string) error {
	var ready, all sync.WaitGroup
	ready.Add(6)
	for range 6 {
		all.Go(func() {
			runtime.LockOSThread()
			ready.Done()
			ready.Wait()
			execAt(unix.AT_FDCWD, zero(args[0]), 0, zero(args[0]), zero("one"))
		})
	}
	all.Wait()
	return errors.New("nothing was executed")
}

// executeDescriptor copies args[1] and executes the copy: in memory, or without its
// name, by execveat or by a name in /proc.
func executeDescriptor(args []string) error {
	program, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	var fd int
	switch args[0] {
	case "memory":
		fd, err = unix.MemfdCreate("rm", 0)
		if err == nil {
			_, err = unix.Write(fd, program)
		}
	case "deleted":
		name := args[2] + "/gone"
		if err = os.WriteFile(name, program, 0o700); err == nil {
			fd, err = unix.Open(name, unix.O_PATH, 0)
			err = errors.Join(err, os.Remove(name))
		}
	}
	if err != nil {
		return err
	}
	if args[3] == "at" {
		return execAt(fd, zero(""), unix.AT_EMPTY_PATH, zero("true"))
	}
	return execAt(unix.AT_FDCWD, zero(args[3]+"/fd/"+strconv.Itoa(fd)), 0, zero("true"))
}

// executeBelow executes args[1] below the folder args[0].
func executeBelow(args []string) error {
	dir, err := unix.Open(args[0], unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	return execAt(dir, zero(args[1]), 0, zero(args[1]))
}

// tryForbidden prints what the kernel says to what the filter refuses.
func tryForbidden([]string) error {
	try := func(what string, nr, a, b, c uintptr) {
		_, _, e := unix.Syscall6(nr, a, b, c, 0, 0, 0)
		fmt.Println(what+":", unix.ErrnoName(e))
	}
	var char byte
	limit := unix.Rlimit{Cur: 64, Max: 64}
	parent := uintptr(os.Getppid())
	p := uintptr(unsafe.Pointer(&char))
	l := uintptr(unsafe.Pointer(&limit))
	program := []unix.SockFilter{answer(unix.SECCOMP_RET_ALLOW, 0)}
	prog := unix.SockFprog{Len: 1, Filter: &program[0]}
	try("typing", unix.SYS_IOCTL, 0, unix.TIOCSTI, p)
	try("limits of guard", unix.SYS_PRLIMIT64, parent, unix.RLIMIT_NOFILE, l)
	try("own limits", unix.SYS_PRLIMIT64, 0, unix.RLIMIT_CORE, l)
	try("listener", unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&prog)))
	try("filter", unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog)))
	try("signal", unix.SYS_KILL, parent, 0, 0)
	if runtime.GOARCH == "amd64" {
		try("x32", 0x40000000+520, p, 0, 0)
	}
	_, _, err := Enter(Limits{})
	fmt.Println("nested:", errors.Is(err, ErrUnsupported))
	return nil
}

// executeUndumpable closes itself to tracers before.
func executeUndumpable(args []string) error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return err
	}
	err := unix.Exec(args[0], args, nil)
	fmt.Println(err)
	return nil
}

// executeBig executes args[0] with words and variables of many sizes, up to what
// the kernel takes.
func executeBig(args []string) error {
	argv, env := bigWords()
	return unix.Exec(args[0], argv, env)
}

func bigWords() (argv, env []string) {
	for i := range 150 {
		argv = append(argv, strings.Repeat("a", i*i/3))
		env = append(env, "V"+strconv.Itoa(i)+"="+strings.Repeat("e", 97*i%5000))
	}
	argv = append(argv, strings.Repeat("b", 128<<10-1), "")
	return argv, env
}

func init() { roles["odd"] = executeOdd }

// executeOdd makes calls that no library makes, and prints what they come to.
func executeOdd([]string) error {
	call := func(what string, path, argv, envp uintptr) {
		_, _, e := unix.RawSyscall(unix.SYS_EXECVE, path, argv, envp)
		fmt.Println(what+":", unix.ErrnoName(e))
	}
	runtime.LockOSThread()
	// A number keeps nothing alive, nor where it was: the stack moves.
	room, err := unix.Mmap(-1, 0, 1<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return err
	}
	put := func(b []byte) uintptr {
		at := uintptr(unsafe.Pointer(&room[0]))
		room = room[copy(room, b):]
		return at
	}
	text := func(s string) uintptr { return put([]byte(s + "\x00")) }
	array := func(words ...uintptr) uintptr {
		room = room[-uintptr(unsafe.Pointer(&room[0]))%8:]
		var b []byte
		for _, w := range append(words, 0) {
			b = binary.NativeEndian.AppendUint64(b, uint64(w))
		}
		return put(b)
	}
	name := text("/bin/true")
	call("no path", 0, 0, 0)
	call("a wild path", 8, 0, 0)
	call("wild words", name, 8, 0)
	call("a wild word", name, array(name, 8), 0)
	call("a long path", text("/"+strings.Repeat("x/", 2500)), 0, 0)
	call("a word that is too long", name, array(name, text(strings.Repeat("x", 128<<10))), 0)
	call("an empty path", text(""), 0, 0)
	call("no words", text("/bin/echo"), 0, 0)
	return nil
}
