package geo

import "testing"

// forever is a text that never ends.
type forever struct{}

func (forever) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}

func TestWindowOfOneLargeValue(t *testing.T) {
	w := window{r: forever{}, most: 1 << 40, largest: 9 << 20}
	for range 5 {
		if err := w.fill(); err != nil {
			if got, want := err.Error(), "a value of more than 9 MB"; got != want {
				t.Errorf("error %q, want %q", got, want)
			}
			if cap(w.buf) > w.largest+w.largest/8 {
				t.Errorf("%d bytes are held, %d are allowed", cap(w.buf), w.largest)
			}
			return
		}
	}
	t.Error("the window grows without end")
}
