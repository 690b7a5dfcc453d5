package trace

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// stand is a process that will only wait, and end as it is told.
type stand struct {
	end *os.File // write end of the pipe that tells it
	fd  int      // read end, in the task
}

// lend gives the task of a call, while it waits for its answer, the descriptor
// that tells it later how to end.
func (w *worker) lend(c *call) (*stand, unix.Errno) {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		return nil, errnoOf(err)
	}
	defer unix.Close(pipe[0])
	end := os.NewFile(uintptr(pipe[1]), "end")
	fd, errno := addfd(w.listener, c.id, pipe[0])
	if errno != 0 {
		end.Close()
		return nil, errno
	}
	return &stand{end, fd}, 0
}

// room is how much of the stack below its top the code may use.
const room = 512

// stand replaces what pid, stopped before its first instruction, would execute,
// and has the Judge see to it. Nothing of the program has run, or will.
func (w *worker) stand(c *call, s *stand, instead func(Place) (bool, error), pid int) error {
	pc, sp, errno := cpu(pid)
	if errno != 0 {
		return ErrUnseen
	}
	needs := binary.NativeEndian.AppendUint32(nil, uint32(s.fd))
	if _, err := unix.PtracePokeData(pid, sp-room, append(needs, make([]byte, 20)...)); err != nil {
		return ErrUnseen
	}
	if _, err := unix.PtracePokeText(pid, pc, standing()); err != nil {
		return ErrUnseen
	}
	p, err := s.place(pid)
	if err != nil {
		return ErrUnseen
	}
	defer p.close()
	if readlink(unix.AT_FDCWD, fdPath(p.Cwd), w.name[:]) != c.Cwd || c.Cwd == "" {
		return ErrKilled // it was moved while it waited
	}
	shielded, err := instead(p)
	if err != nil {
		_, _ = s.end.Write(EndWith(126, 0))
		return fmt.Errorf("run it elsewhere: %w", err)
	}
	var mask uint64
	if shielded {
		mask = 1<<(unix.SIGINT-1) | 1<<(unix.SIGQUIT-1)
	}
	if setMask(pid, mask) != 0 {
		return ErrUnseen
	}
	return nil
}

// fdPath names an open file.
func fdPath(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) }

// place takes hold of a stopped process and what it has.
func (s *stand) place(pid int) (p Place, err error) {
	p = Place{PID: pid, End: s.end}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return p, err
	}
	p.Process = os.NewFile(uintptr(fd), "process")
	for i := range p.Files {
		if i == s.fd {
			continue // was closed, until we lent it
		}
		got, err := unix.PidfdGetfd(fd, i, 0)
		if err == unix.EBADF {
			continue
		}
		if err != nil {
			return p, err
		}
		p.Files[i] = os.NewFile(uintptr(got), "descriptor")
	}
	cwd, err := unix.Open(procPath(pid, "/cwd"), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return p, err
	}
	p.Cwd = os.NewFile(uintptr(cwd), "cwd")
	return p, nil
}

// close closes what was opened for the Judge; end is the stand's.
func (p Place) close() {
	for _, f := range append(p.Files[:], p.Process, p.Cwd) {
		if f != nil {
			f.Close()
		}
	}
}
