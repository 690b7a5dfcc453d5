package trace

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// Limits of execve(2) that do not depend on the caller (its stack's resource
// limit can only lower them). What exceeds them fails anyway; what does not is
// read whole.
const (
	maxPath  = 4096      // PATH_MAX, with its final zero
	maxWord  = 128 << 10 // MAX_ARG_STRLEN, with its final zero
	maxWords = 6 << 20   // three quarters of _STK_LIM: all strings and their pointers
	maxPages = 4096      // of ours: words spread so thinly are refused, not read in part
)

// memory reads a task's memory by whole pages, each once, as many as possible in
// one call of process_vm_readv(2).
type memory struct {
	pid    int
	page   uint64
	at     map[uint64]int // page address -> offset in buf; unmapped: none
	buf    []byte
	want   []uint64
	local  [1]unix.Iovec
	remote []unix.RemoteIovec
	flat   []byte   // strings before they become one
	ends   []int    //
	ptrs   []uint64 //
}

const unmapped = -1

func newMemory() *memory {
	return &memory{page: uint64(os.Getpagesize()), at: make(map[uint64]int)}
}

// reset turns to another task.
func (m *memory) reset(pid int) {
	m.pid, m.buf, m.want = pid, m.buf[:0], m.want[:0]
	clear(m.at)
	if cap(m.buf) > 1<<20 { // one huge command line is no reason to keep the room
		*m = *newMemory()
		m.pid = pid
	}
}

// need asks for the page of address with the next fetch, and says whether it is
// there already.
func (m *memory) need(address uint64) bool {
	p := address &^ (m.page - 1)
	if _, ok := m.at[p]; ok {
		return true
	}
	if len(m.want) == 0 || m.want[len(m.want)-1] != p { // neighbours are the rule
		m.want = append(m.want, p)
	}
	return false
}

// fetch reads the pages asked for. A page that cannot be read is remembered as
// unmapped.
func (m *memory) fetch() unix.Errno {
	slices.Sort(m.want)
	m.want = slices.Compact(m.want)
	if len(m.at)+len(m.want) > maxPages {
		return unix.E2BIG
	}
	const most = 1024 // IOV_MAX
	for len(m.want) > 0 {
		n := min(len(m.want), most)
		begin, size := len(m.buf), n*int(m.page)
		m.buf = slices.Grow(m.buf, size)[:begin+size]
		m.remote = m.remote[:0]
		for _, p := range m.want[:n] {
			m.remote = append(m.remote, unix.RemoteIovec{Base: uintptr(p), Len: int(m.page)})
		}
		m.local[0].Base = &m.buf[begin]
		m.local[0].SetLen(size)
		got, err := unix.ProcessVMReadv(m.pid, m.local[:], m.remote, 0)
		if err == unix.EFAULT {
			got, err = 0, nil
		}
		if err != nil {
			return errnoOf(err)
		}
		pages := got / int(m.page)
		for i, p := range m.want[:pages] {
			m.at[p] = begin + i*int(m.page)
		}
		m.buf = m.buf[:begin+pages*int(m.page)]
		if pages < n { // it stops at the first that is not there
			m.at[m.want[pages]] = unmapped
			pages++
		}
		m.want = m.want[:copy(m.want, m.want[pages:])]
	}
	return 0
}

// rest returns what is there from address to the end of its page.
func (m *memory) rest(address uint64) ([]byte, unix.Errno) {
	p := address &^ (m.page - 1)
	offset, ok := m.at[p]
	if !ok || offset == unmapped {
		return nil, unix.EFAULT
	}
	return m.buf[offset+int(address-p) : offset+int(m.page)], 0
}

// path reads one string of at most maxPath bytes.
func (m *memory) path(address uint64) (string, unix.Errno) {
	m.flat = m.flat[:0]
	for {
		if !m.need(address) {
			if errno := m.fetch(); errno != 0 {
				return "", errno
			}
		}
		b, errno := m.rest(address)
		if errno != 0 {
			return "", errno
		}
		if i := bytes.IndexByte(b, 0); i >= 0 {
			m.flat = append(m.flat, b[:i]...)
			if len(m.flat) >= maxPath {
				return "", unix.ENAMETOOLONG
			}
			return string(m.flat), 0
		}
		m.flat = append(m.flat, b...)
		if len(m.flat) >= maxPath {
			return "", unix.ENAMETOOLONG
		}
		address += uint64(len(b))
	}
}

// vector appends the pointers of the array at address, without the final zero.
// No array (0) is an empty one.
func (m *memory) vector(ptrs []uint64, address uint64, width int) ([]uint64, unix.Errno) {
	begin := len(ptrs)
	for address != 0 {
		if !m.need(address) {
			if errno := m.fetch(); errno != 0 {
				return nil, errno
			}
		}
		b, errno := m.rest(address)
		if errno != 0 {
			return nil, errno
		}
		if len(b) < width {
			return nil, unix.EFAULT // a pointer across pages: no compiler lays that out
		}
		for ; len(b) >= width; b = b[width:] {
			p := word(b, width)
			if p == 0 {
				return ptrs, 0
			}
			ptrs = append(ptrs, p)
			address += uint64(width)
		}
		if len(ptrs)-begin > maxWords/(width+1) {
			return nil, unix.E2BIG
		}
	}
	return ptrs, 0
}

func word(b []byte, width int) uint64 {
	if width == 4 {
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return binary.NativeEndian.Uint64(b)
}

// vectors reads the words of two arrays, those of argv and envp.
func (m *memory) vectors(argv, envp uint64, width int) (args, env []string, errno unix.Errno) {
	if m.ptrs, errno = m.vector(m.ptrs[:0], argv, width); errno != 0 {
		return nil, nil, errno
	}
	n := len(m.ptrs)
	if m.ptrs, errno = m.vector(m.ptrs, envp, width); errno != 0 {
		return nil, nil, errno
	}
	for _, p := range m.ptrs {
		m.need(p)
	}
	if errno := m.fetch(); errno != 0 {
		return nil, nil, errno
	}
	m.flat, m.ends = m.flat[:0], m.ends[:0]
	for _, p := range m.ptrs {
		if errno := m.word(p); errno != 0 {
			return nil, nil, errno
		}
		if len(m.flat)+len(m.ptrs)*(width+1) > maxWords {
			return nil, nil, unix.E2BIG
		}
	}
	all := m.words()
	return all[:n:n], all[n:], 0
}

// word appends the string at address to flat.
func (m *memory) word(address uint64) unix.Errno {
	begin := len(m.flat)
	for {
		if !m.need(address) {
			if errno := m.fetch(); errno != 0 {
				return errno
			}
		}
		b, errno := m.rest(address)
		if errno != 0 {
			return errno
		}
		i := bytes.IndexByte(b, 0)
		if i < 0 {
			i = len(b)
		}
		m.flat = append(m.flat, b[:i]...)
		if len(m.flat)-begin >= maxWord {
			return unix.E2BIG
		}
		if i < len(b) {
			m.ends = append(m.ends, len(m.flat))
			return 0
		}
		address += uint64(len(b))
	}
}

// words makes strings of flat, with one allocation for all of them.
func (m *memory) words() []string {
	text, begin := string(m.flat), 0
	all := make([]string, len(m.ends))
	for i, end := range m.ends {
		all[i], begin = text[begin:end], end
	}
	return all
}
