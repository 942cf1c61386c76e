package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// checkTarget makes sure that nothing is lost at the target and that it can be written.
func (o *mapOptions) checkTarget() error {
	if !o.intoFolder() {
		return free(o.out, o.force)
	}
	info, err := os.Stat(o.out)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s: is not a folder", o.out)
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		_, err = os.Stat(filepath.Dir(o.out))
	}
	return plainPath(err)
}

// intoFolder is whether many files are to be written.
func (o *mapOptions) intoFolder() bool {
	return o.batch != "" && !paged(formatOf(o.out))
}

// free makes sure that nothing is lost at a path, and that its folder exists.
func free(path string, replace bool) error {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		_, err = os.Stat(filepath.Dir(path))
		return plainPath(err)
	case err != nil:
		return plainPath(err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is not a file", path)
	case !replace:
		return fmt.Errorf("%s: is there already; -force writes over it", path)
	}
	return nil
}

// writeFile makes a file that appears when it is whole, synced to the disk. Where write
// fails nothing is left.
func writeFile(path string, replace bool, write func(io.Writer) error) (size int64, err error) {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"-"+hex.EncodeToString(b[:])+".tmp")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return 0, atPath(path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp)
		}
	}()
	err = write(f)
	if err == nil {
		size, err = f.Seek(0, io.SeekCurrent)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, atPath(path, err)
	}
	if err = free(path, replace); err != nil {
		return 0, err
	}
	return size, atPath(path, os.Rename(temp, path))
}

// atPath names the file in an error of its temporary one.
func atPath(path string, err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return fmt.Errorf("%s: %w", path, pe.Err)
	case errors.As(err, &le):
		return fmt.Errorf("%s: %w", path, le.Err)
	}
	return err
}
