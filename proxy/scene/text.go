package scene

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"unicode/utf8"

	"lukechampine.com/blake3"

	"github.com/f958ca95/guard/proxy"
)

var errNotFile = errors.New("not a regular file")

// observeText reads a script. Digest covers the whole file even where the text
// is too long or not text; a file over the limit has neither.
func observeText(o *proxy.Observation, limits Limits) {
	real, err := resolve(o.Path)
	if err != nil {
		o.Error = reason(err)
		return
	}
	o.Real = real
	b, info, err := readRegular(real, limits.File)
	if info != nil {
		describe(o, info)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		o.Exists, o.Error = "no", reason(err)
		return
	case err != nil:
		o.Error = reason(err)
		return
	}
	sum := blake3.Sum256(b)
	o.Digest = fmt.Sprintf("blake3:%x", sum)
	switch {
	case len(b) > limits.Text:
		o.Error = fmt.Sprintf("text larger than %d bytes", limits.Text)
	case !utf8.Valid(b):
		o.Error = "not UTF-8 text"
	default:
		o.Text = string(b)
	}
}

// readRegular returns the content of a regular file of at most limit bytes. The
// path must be free of symbolic links; one that appears meanwhile is not
// followed. The FileInfo is returned with most errors, too.
func readRegular(path string, limit int) ([]byte, fs.FileInfo, error) {
	f, info, err := openRegular(path)
	if err != nil {
		return nil, info, err
	}
	defer f.Close()
	tooLarge := fmt.Errorf("larger than %d bytes", limit)
	if info.Size() > int64(limit) {
		return nil, info, tooLarge
	}
	// The size of a file in /proc, or of one that grows, says nothing.
	b, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err == nil && len(b) > limit {
		err = tooLarge
	}
	return b, info, err
}

func openRegular(path string) (*os.File, fs.FileInfo, error) {
	f, err := openQuietly(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotFile
	}
	if err != nil {
		f.Close()
		return nil, info, err
	}
	return reopen(f, info)
}
