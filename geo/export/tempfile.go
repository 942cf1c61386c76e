package export

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// defaultMaxBytes bounds a temporary file where Options.MaxBytes is 0.
const defaultMaxBytes = 2 << 30

// TooLargeError reports a file that would be larger than Options.MaxBytes, or
// than its format can be.
type TooLargeError struct {
	Format string // its name, such as "shp"
	Max    int64  // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("f: a %s file of this selection would be larger than %d MB; select less by bbox, filter, limit or properties",
		e.Format, e.Max>>20)
}

// workspace is a folder for the temporary files of one export. It is not safe
// for concurrent use.
type workspace struct {
	dir    string
	format string
	max    int64 // bytes of one file
	spools []*spool
}

// newWorkspace makes the folder. The caller must defer remove.
func newWorkspace(opt *Options) (*workspace, error) {
	dir, err := os.MkdirTemp(opt.TempDir, "clustermap-export-")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return &workspace{dir: dir, format: opt.Format.Name, max: cmp.Or(opt.MaxBytes, defaultMaxBytes)}, nil
}

// remove closes and deletes all files.
func (ws *workspace) remove() {
	for _, s := range ws.spools {
		s.file.Close()
	}
	os.RemoveAll(ws.dir)
}

func (ws *workspace) path(name string) string { return filepath.Join(ws.dir, name) }

func (ws *workspace) tooLarge() error { return &TooLargeError{Format: ws.format, Max: ws.max} }

// spool makes a temporary file to be written once and then read.
func (ws *workspace) spool(name string) (*spool, error) {
	f, err := os.OpenFile(ws.path(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	s := &spool{ws: ws, file: f, buf: bufio.NewWriterSize(f, 1<<16)}
	ws.spools = append(ws.spools, s)
	return s, nil
}

// spool is a buffered temporary file that refuses to grow beyond its workspace's
// bound.
type spool struct {
	ws   *workspace
	file *os.File
	buf  *bufio.Writer
	n    int64
}

func (s *spool) Write(p []byte) (int, error) {
	if s.n+int64(len(p)) > s.ws.max {
		return 0, s.ws.tooLarge()
	}
	s.n += int64(len(p))
	return s.buf.Write(p)
}

// frame writes p behind its length, for frames.
func (s *spool) frame(p []byte) error {
	var size [4]byte
	binary.LittleEndian.PutUint32(size[:], uint32(len(p)))
	if _, err := s.Write(size[:]); err != nil {
		return err
	}
	_, err := s.Write(p)
	return err
}

// rewind ends writing and returns a reader of the whole.
func (s *spool) rewind() (*bufio.Reader, error) {
	if err := s.buf.Flush(); err != nil {
		return nil, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(s.file, 1<<16), nil
}

// frames reads what frame wrote, one after the other. The bytes are valid until
// the next call of each.
func (s *spool) frames(ctx context.Context, each func([]byte) error) error {
	r, err := s.rewind()
	if err != nil {
		return err
	}
	var size [4]byte
	var b []byte
	for i := 0; ; i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, err := io.ReadFull(r, size[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		n := int(binary.LittleEndian.Uint32(size[:]))
		if cap(b) < n {
			b = make([]byte, n, n+n/4)
		}
		b = b[:n]
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
		if err := each(b); err != nil {
			return err
		}
	}
}

// send tells the length and copies the whole to w.
func (s *spool) send(ctx context.Context, w io.Writer, opt *Options) error {
	r, err := s.rewind()
	if err != nil {
		return err
	}
	return sendReader(ctx, w, r, s.n, opt)
}

// sendReader tells the length n of r, then copies r to w.
func sendReader(ctx context.Context, w io.Writer, r io.Reader, n int64, opt *Options) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if opt.Size != nil {
		opt.Size(n)
	}
	b := make([]byte, 1<<18)
	for {
		k, err := io.ReadFull(r, b)
		if k > 0 {
			if _, err := w.Write(b[:k]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
	}
}
