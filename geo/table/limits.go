package table

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"clustermap/geo"
)

// maxEntries is how many files a packed file may hold.
const maxEntries = 20_000

// maxDirectory is how many bytes their list may have.
const maxDirectory = 8 << 20

// packed is a zip file whose sizes were looked at.
type packed struct {
	files map[string]*zip.File // by name in lower case, with slashes; of two of one name the first
	names []string             // in the order of the file
	src   *watched
	ctx   context.Context
}

// openZip refuses what would unpack to more than opt allows, by what the file says of
// itself; open holds each entry to that. Reading ends with ctx.
func openZip(ctx context.Context, src Source, opt Options) (*packed, error) {
	p := &packed{files: make(map[string]*zip.File), src: &watched{r: src.R, most: maxDirectory}, ctx: ctx}
	z, err := zip.NewReader(p.src, src.Size)
	if p.src.over {
		return nil, &geo.InvalidError{Reason: fmt.Sprintf("is a packed file with a list of files of more than %d MB", maxDirectory>>20)}
	}
	if err != nil {
		return nil, p.fault("", err)
	}
	p.src.most = 0
	if len(z.File) > maxEntries {
		return nil, &geo.InvalidError{Reason: fmt.Sprintf("holds %d files; %d at most", len(z.File), maxEntries)}
	}
	var total uint64
	for _, f := range z.File {
		size := f.UncompressedSize64
		if size > uint64(opt.MaxUnpacked) || total+size > uint64(opt.MaxUnpacked) {
			return nil, &geo.InvalidError{Reason: fmt.Sprintf("unpacks to more than %d MB", opt.MaxUnpacked>>20)}
		}
		total += size
		name := strings.ReplaceAll(f.Name, "\\", "/")
		if key := strings.ToLower(name); p.files[key] == nil {
			p.files[key] = f
			p.names = append(p.names, name)
		}
	}
	return p, nil
}

func (p *packed) has(name string) bool { return p.files[strings.ToLower(name)] != nil }

// hasUnder reports whether there is a file in a folder.
func (p *packed) hasUnder(folder string) bool {
	for name := range p.files {
		if strings.HasPrefix(name, folder+"/") && !strings.HasSuffix(name, "/") {
			return true
		}
	}
	return false
}

// open gives the bytes of one file. It ends with an error where there are more than
// the file says of itself, and with ctx.
func (p *packed) open(ctx context.Context, name string) (io.ReadCloser, error) {
	f := p.files[strings.ToLower(name)]
	if f == nil {
		return nil, &geo.InvalidError{Reason: "lacks its part " + quote(name)}
	}
	if f.Flags&1 != 0 {
		return nil, &geo.InvalidError{Reason: "is locked by a password"}
	}
	r, err := f.Open()
	if err != nil {
		return nil, p.fault(name, err)
	}
	return &entry{ReadCloser: r, ctx: ctx, left: int64(f.UncompressedSize64), of: p, name: name}, nil
}

// fault is the error of a part: that of the Source where it failed, else that of a
// damaged file.
func (p *packed) fault(name string, err error) error {
	var invalid *geo.InvalidError
	switch {
	case p.src.err != nil:
		return p.src.err
	case errors.As(err, &invalid) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, zip.ErrAlgorithm):
		return &geo.InvalidError{Reason: "is packed in a way that is not known"}
	case name == "":
		return &geo.InvalidError{Reason: "is a packed file that is cut off or damaged"}
	}
	return &geo.InvalidError{Reason: "is damaged: its part " + quote(name) + " cannot be read"}
}

// entry is an open file of a packed one.
type entry struct {
	io.ReadCloser
	ctx  context.Context
	left int64
	of   *packed
	name string
}

func (e *entry) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := e.ReadCloser.Read(p)
	if e.left -= int64(n); e.left < 0 {
		return 0, &geo.InvalidError{Reason: "is damaged: its part " + quote(e.name) + " is larger than it says"}
	}
	if err != nil && err != io.EOF {
		err = e.of.fault(e.name, err)
	}
	return n, err
}

// watched keeps the error of a Source, which is not the fault of the file.
type watched struct {
	r    io.ReaderAt
	err  error
	most int64 // bytes that may be read; 0: all
	read int64
	over bool // more were asked for
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	if w.most > 0 {
		if w.read += int64(len(p)); w.read > w.most {
			w.over = true
			return 0, io.ErrUnexpectedEOF
		}
	}
	n, err := w.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
