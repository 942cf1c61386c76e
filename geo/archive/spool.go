package archive

import (
	"bufio"
	"context"
	"io"
	"os"
)

// spool is a temporary file that is written once and then copied. Where the system
// allows it the file has no name, so that nothing can leave it behind.
type spool struct {
	file  *os.File
	buf   *bufio.Writer
	n     uint64
	named bool
}

func newSpool(folder string) (*spool, error) {
	f, err := os.CreateTemp(folder, ".clustermap-*.tmp")
	if err != nil {
		return nil, err
	}
	return &spool{file: f, buf: bufio.NewWriterSize(f, 1<<18), named: os.Remove(f.Name()) != nil}, nil
}

// write appends b and returns where it stands.
func (s *spool) write(b []byte) (at uint64, err error) {
	at = s.n
	n, err := s.buf.Write(b)
	s.n += uint64(n)
	return at, err
}

// copy writes the whole to w.
func (s *spool) copy(ctx context.Context, w io.Writer) error {
	if err := s.buf.Flush(); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	const piece = 64 << 20 // between looks at ctx
	for {
		n, err := io.CopyN(w, s.file, piece)
		if err != nil && err != io.EOF {
			return err
		}
		if n < piece {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

func (s *spool) remove() {
	_ = s.file.Close()
	if s.named {
		_ = os.Remove(s.file.Name())
	}
}
